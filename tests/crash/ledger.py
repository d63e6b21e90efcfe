"""What clients know of a server that is killed while they work: the value of each thing, or its possible values.

A thing has a key, like ("tag", vault, name), and a value; None when it is not there. A change that was not acknowledged
has happened or not, but all of it or nothing.
"""
import contextlib
import copy
import threading


class Ledger:
    def __init__(self):
        self._lock = threading.Lock()
        self.values = {}      # key -> value, without what is not there
        self._pending = []    # {key: value as it would be}, one for each change that has no answer
        self.changes = self.unanswered = self.survivors = 0

    def copy(self):
        """A copy for later, made when no request is pending."""
        assert not self._pending
        other = Ledger()
        other.values = copy.deepcopy(self.values)
        return other

    def get(self, *key):
        with self._lock:
            return self.values.get(key)

    def keys(self, kind):
        with self._lock:
            return [key for key in self.values if key[0] == kind]

    @contextlib.contextmanager
    def change(self):
        """Yields an object that takes the new values before the request is sent. They are certain when the block ends,
        void after refuse(), and merely possible when an exception ends the block."""
        change = Change(self)
        yield change
        change.settle()

    def forget(self, keys):
        """These have expired, whatever the requests were."""
        for change in self._pending:
            for key in keys & change.keys():
                change[key] = None
        for key in keys:
            self.values.pop(key, None)

    def may_be(self):
        """Every key that may exist, with its possible values."""
        every = {key: [value] for key, value in self.values.items()}
        for change in self._pending:
            for key, value in change.items():
                every.setdefault(key, []).append(value)
        return every

    def resolve(self, seen):
        """`seen` is the whole state, key -> value. From now on it is the only possible one."""
        expected = dict(self.values)
        for change in self._pending:
            old = {key: self.values.get(key) for key in change}
            now = {key: seen.get(key) for key in change}
            assert now in (old, change), f"neither done nor undone: {now}, was {old}, was to be {change}"
            self.unanswered += 1
            self.survivors += now == change
            expected.update(now)
        self._pending = []
        expected = {key: value for key, value in expected.items() if value is not None}
        lost = {key: value for key, value in expected.items() if seen.get(key) != value}
        assert not lost, f"acknowledged and not so: {lost}, but {({key: seen.get(key) for key in lost})}"
        risen = {key: value for key, value in seen.items() if key not in expected}
        assert not risen, f"there, and deleted or never made: {risen}"
        self.values = expected


class Change:
    def __init__(self, ledger):
        self._ledger = ledger
        self._new = {}

    def put(self, *key, value):
        with self._ledger._lock:
            if not self._new:
                self._ledger._pending.append(self._new)
            self._new[key] = value

    def refuse(self):
        self._forget()
        self._new = {}

    def settle(self):
        if not self._new:
            return
        with self._ledger._lock:
            for key, value in self._new.items():
                if value is None:
                    self._ledger.values.pop(key, None)
                else:
                    self._ledger.values[key] = value
            self._ledger.changes += 1
        self._forget()

    def _forget(self):
        with self._ledger._lock:
            self._ledger._pending = [change for change in self._ledger._pending if change is not self._new]
