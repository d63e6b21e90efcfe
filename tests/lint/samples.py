"""What the self-test judges: (path, source, words that one of its breaches must hold, or None for a good one)."""

_WIRE = "server/http/sample.cpp"
_CONDITION, _OPERAND, _LAMBDA, _BRACES = "in a condition", "in ?:", "a lambda", "{ } in the same"


def _body(statements):
    return "awaitable<void> f(int x) {\n" + statements + "\n}\n"


def _long_function(lines, parameters="()"):
    return f"int f{parameters} {{\n" + "    g();\n" * (lines - 2) + "}\n"


# Headers that are there for the samples to include.
OTHERS = {
    "server/http/net.hpp": "// The wire.\n#pragma once\n#include <boost/asio.hpp>\n",
    "server/whole.hpp": '// All.\n#pragma once\n#include "server/control/control.hpp"\n',
    "server/app.hpp": '// The whole.\n#pragma once\n#include "server/http/net.hpp"\n',
}

SAMPLES = [
    # Coroutines: bad.
    (_WIRE, _body("if (co_await yes()) co_return;"), _CONDITION),
    (_WIRE, _body("while (a &&\n    co_await yes()) {}"), _CONDITION),
    (_WIRE, _body("for (auto const& e : co_await list()) use(e);"), _CONDITION),
    (_WIRE, _body("for (;; co_await next()) {}"), _CONDITION),
    (_WIRE, _body("for (int i = 0; i < co_await size(); ++i) {}"), _CONDITION),
    (_WIRE, _body("switch (co_await kind()) { default: break; }"), _CONDITION),
    (_WIRE, _body("try { if (use(co_await yes())) co_return; } catch (...) {}"), _CONDITION),
    (_WIRE, _body("bool b = a && co_await yes();"), _OPERAND),
    (_WIRE, _body("bool b = co_await yes()\n    || a;"), _OPERAND),
    (_WIRE, _body("use(a || (co_await yes()), 1);"), _OPERAND),
    (_WIRE, _body("bool b = a && use(1, co_await size());"), _OPERAND),
    (_WIRE, _body("T t = c ? co_await make() : T();"), _OPERAND),
    (_WIRE, _body("co_return (co_await yes()) ? 1 : 2;"), _OPERAND),
    (_WIRE, _body("co_await run([x] { return x; });"), _LAMBDA),
    (_WIRE, _body("co_await run(\n    pool,\n    [this, &x](int y) mutable -> bool {\n        if (y) return true;\n"
                  "        return x;\n    });"), _LAMBDA),
    (_WIRE, _body("auto y = co_await run(pool, [] { return 1; });"), _LAMBDA),
    (_WIRE, _body("co_await send(Reply{a, b});"), _BRACES),
    (_WIRE, _body('co_await send(\n    {"a",\n     "b"});'), _BRACES),
    (_WIRE, _body("Guard g{co_await take()};"), _BRACES),
    (_WIRE, _body("co_await send(std::vector<T>{});"), _BRACES),
    (_WIRE, _body("if (x) {\n    use([](int) { return 1; });\n    co_await send({.a = 1});\n}"), _BRACES),
    (_WIRE, "auto run = [](int x) -> awaitable<void> { co_await send({x}); };\n", _BRACES),
    ("tests/http/sample.cpp", _body("CHECK(co_await yes());"), "test macro"),
    ("tests/http/sample.cpp", _body("REQUIRE_EQ(1, get(co_await size()));"), "test macro"),
    ("storage/sample.cpp", _body("co_await nothing();"), "a coroutine outside"),
    ("server/glacier/sample.cpp", _body("co_return;"), "a coroutine outside"),
    ("tests/unit/sample.cpp", _body("co_await nothing();"), "a coroutine outside"),
    # Coroutines: good.
    (_WIRE, _body("bool const ok = co_await yes();\nif (ok && x) co_return;"), None),
    (_WIRE, _body("auto [a, b] = co_await pair();\nauto const& [c, d] = e[1];"), None),
    (_WIRE, _body("auto executor = co_await net::this_coro::executor;"), None),
    (_WIRE, _body("use({1}, co_await net::this_coro::executor);"), None),
    (_WIRE, _body("auto&& all = co_await list(a[1], T(2));"), None),
    (_WIRE, _body("co_await send(a && b, c ? 1 : 2);"), None),
    (_WIRE, _body("use(a && b, co_await size(), c || d);"), None),
    (_WIRE, _body("if (a && b) co_await send(c);\nelse co_await send(d);"), None),
    (_WIRE, _body("for (auto& [k, v] : m) co_await send(k);"), None),
    (_WIRE, _body("for (;;) {\n    auto n = co_await read();\n    if (n == 0 || done) break;\n}"), None),
    (_WIRE, _body("auto work = [x] { return x; };\nco_await run(std::move(work));"), None),
    (_WIRE, _body("T t{1};\nco_await send(t);\nT const u{2};"), None),
    (_WIRE, _body("switch (x) {\n    case 1: {\n        co_await a();\n    }\n    default: co_await b();\n}"), None),
    (_WIRE, _body("net::co_spawn(c, [me]() -> net::awaitable<void> { co_await me->run(); }, net::detached);"), None),
    (_WIRE, _body("try {\n    co_await send(x);\n} catch (E const& e) {\n    log({e});\n}"), None),
    (_WIRE, "C::C() : a_{1}, b_{2} {}\nawaitable<int> C::f() const noexcept {\n    co_return co_await g();\n}\n", None),
    (_WIRE, _body('// if (co_await yes())\nlog("if (co_await [x] {", R"(CHECK(co_await x))", \'{\');'), None),
    (_WIRE, _body('log("[x] {", R"({[x])", \'{\', 10\'000, co_await size());'), None),
    ("server/app.cpp", _body("co_await accept();"), None),
    # Layers.
    ("storage/sample.cpp", '#include "server/time/clock.hpp"\n', "storage knows nothing"),
    ("storage/sample.cpp", "#include <nlohmann/json.hpp>\n", "neither JSON"),
    ("storage/sample.cpp", "#include <boost/asio/post.hpp>\n", "neither JSON nor the network"),
    ("storage/sample.cpp", '#include <openssl/evp.h>\n#include "storage/store.hpp"\n', None),
    ("server/text/sample.cpp", '#include "storage/store.hpp"\n', "storage/time.hpp"),
    ("server/text/sample.cpp", '#include "server/policy/statement.hpp"\n', "text knows its own folder"),
    ("server/text/sample.cpp", '#include "storage/time.hpp"\n#include "server/text/size.hpp"\n', None),
    (_WIRE, '#include "storage/store.hpp"\n', "the wire knows"),
    (_WIRE, '#include "server/text/size.hpp"\n', "the wire knows"),
    (_WIRE, '#include "server/glacier/operation_table.hpp"\n', "the wire knows"),
    (_WIRE, '#include "server/http/net.hpp"\n#include <boost/beast/http.hpp>\n', None),
    ("server/policy/sample.cpp", '#include "storage/store.hpp"\n', "policies are pure"),
    ("server/policy/sample.cpp", '#include "server/http/message.hpp"\n', "policies are pure"),
    ("server/policy/sample.cpp", '#include "server/time/clock.hpp"\n', "policies are pure"),
    ("server/policy/sample.cpp", "#include <boost/asio.hpp>\n", "no event loop"),
    ("server/policy/sample.cpp", '#include <nlohmann/json.hpp>\n#include "server/text/timestamp.hpp"\n', None),
    ("server/identity/sample.cpp", "#include <boost/asio/awaitable.hpp>\n", "no event loop"),
    ("server/identity/sample.cpp", '#include "server/glacier/error.hpp"\n', "identity knows"),
    ("server/identity/sample.cpp", "// #include <boost/asio.hpp>\n#include <nlohmann/json.hpp>\n", None),
    ("server/time/sample.cpp", '#include "server/glacier/timing.hpp"\n', "time knows text and storage"),
    ("server/time/sample.cpp", '#include "server/control/control.hpp"\n', "time knows text and storage"),
    ("server/time/sample.cpp", '#include "server/app.hpp"\n', "server/app.hpp: time knows"),
    ("server/time/sample.cpp", '#include "server/text/timestamp.hpp"\n#include "storage/store.hpp"\n', None),
    ("server/glacier/sample.cpp", "#  include <boost/beast/http/verb.hpp>\n", "no event loop"),
    ("server/glacier/sample.cpp", '#include "server/http/net.hpp"\n', "boost/asio.hpp by way of server/http/net.hpp"),
    ("server/glacier/sample.cpp", '#include "server/app.hpp"\n', "boost/asio.hpp by way of server/http/net.hpp"),
    ("server/glacier/sample.cpp", '#include "server/control/health.hpp"\n', "neither its operator"),
    ("server/glacier/sample.cpp", '#include "server/cli/table.hpp"\n', "neither its operator"),
    ("server/glacier/sample.cpp", '#include "server/time/clock.hpp"\n', "neither its operator"),
    ("server/glacier/operations/sample.cpp", '#include "server/config.hpp"\n', "neither its operator"),
    ("server/glacier/sample.cpp", '#include "server/http/message.hpp"\n#include "storage/store.hpp"\n', None),
    ("server/control/sample.cpp", '#include "server/app.hpp"\n', "the control surface knows nothing"),
    ("server/control/sample.cpp", '#include "server/cli/table.hpp"\n', "the control surface knows nothing"),
    ("server/control/seed/sample.cpp", '#include "server/config.hpp"\n', "the control surface knows nothing"),
    ("server/control/sample.cpp", '#include <boost/asio.hpp>\n#include "server/glacier/api.hpp"\n', None),
    ("server/config.cpp", '#include "server/control/control.hpp"\n', "settings know nothing"),
    ("server/config.hpp", '// Settings.\n#pragma once\n#include "server/whole.hpp"\n',
     "server/control/control.hpp by way of server/whole.hpp"),
    ("server/config.cpp", '#include "server/glacier/timing.hpp"\n', None),
    ("server/app.cpp", '#include "server/control/control.hpp"\n#include "server/config.hpp"\n', None),
    ("server/config.cpp", '#include "tests/support/x.hpp"\n', "nothing of its tests"),
    ("server/cli/sample.cpp", '#include "tests/support/x.hpp"\n', "nothing of its tests"),
    ("storage/sample.cpp", '#include "tests/support/x.hpp"\n', "storage knows nothing"),
    ("tests/unit/sample.cpp", '#include "tests/support/x.hpp"\n#include "server/app.hpp"\n', None),
    # Time.
    ("server/time/scheduler.cpp", "auto now = std::chrono::system_clock::now();\n", "time of the domain"),
    ("storage/sample.cpp", "auto now = std::time(nullptr);\n", "time of the domain"),
    ("storage/sample.cpp", "gettimeofday(&tv, nullptr);\n", "time of the domain"),
    ("server/time/clock.cpp", "auto now = std::chrono::system_clock::now();\n", None),
    ("tests/unit/sample.cpp", "auto now = std::chrono::system_clock::now();\n", None),
    ("server/http/sample.cpp", "// system_clock::now\nauto now = steady_clock::now();\nquery.time(0);\n", None),
    # Size.
    ("storage/sample.cpp", "int x;\n" * 301, "301 lines"),
    ("storage/sample.cpp", "int x;\n" * 300, None),
    ("tests/unit/sample.cpp", "int x;\n" * 301, None),
    ("storage/sample.cpp", "// " + "x" * 118 + "\n", "121 columns"),
    ("storage/sample.cpp", "// " + "x" * 117 + "\n// " + "\u00e9" * 117 + "\n", None),
    ("storage/sample.cpp", "namespace a {\n" + _long_function(46) + "}\n", "function of 46 lines"),
    ("storage/sample.cpp", "struct S final : T<int> {\n" + _long_function(46, "() const noexcept(true)") + "};\n",
     "function of 46 lines"),
    ("storage/sample.cpp", "S::S() : a_{1} {\n" + "    g();\n" * 44 + "}\n", "function of 46 lines"),
    ("storage/sample.cpp", "namespace a {\n" + _long_function(45) * 3 + "}\n", None),
    ("storage/sample.cpp", "constexpr Row rows[] = {\n" + "    {1, 2},\n" * 90 + "};\n", None),
    ("storage/sample.cpp", "class C {\npublic:\n" + "    int f() { return 1; }\n" * 90 + "};\n", None),
    ("tests/unit/sample.cpp", 'TEST_CASE("x") {\n' + "    g();\n" * 90 + "}\n", None),
    # Words.
    ("server/sample.cpp", "int x;  // The types of this room.\n", "CONTRIBUTING.md"),
    ("server/sample.cpp", "/* Before anything of\n   the house goes. */\n", "sample.cpp:2"),
    ("storage/sample.cpp", 'auto text = "x is no duration";\n', '"is no duration"'),
    ("storage/sample.cpp", "    // Else nobody knows.\n", "CONTRIBUTING.md"),
    ("storage/sample.cpp", "// Plain JSON, for whom the guard lets in.\n", '"for whom"'),
    ("storage/sample.cpp", "// Throws when it is none of them.\n", '"is none of"'),
    ("storage/sample.cpp", "// Of what is no operation the line.\n", '"Of what is no"'),
    ("tests/unit/sample.cpp", "// The types of this room.\n", None),
    ("server/sample.cpp", "int the_house = 1;  // Is there room for more? There is no time-out.\n", None),
    # Headers.
    ("storage/sample.hpp", "// What it is for.\nint f();\n", "#pragma once"),
    ("storage/sample.hpp", "#pragma once\nint f();\n", "opens with a comment"),
    ("storage/sample.hpp", "// What it is for.\n#pragma once\nint f();\n", None),
]

# Paths of files, and the folders that hold too many.
FOLDERS = [
    ([f"storage/{i}.cpp" for i in range(40)], []),
    ([f"storage/{i}.cpp" for i in range(40)] + ["storage/blobs/file.cpp"], ["storage"]),
    ([f"server/glacier/operations/{i}/x.cpp" for i in range(41)], ["server/glacier/operations"]),
    ([f"tests/unit/{i}_test.cpp" for i in range(41)], ["tests/unit"]),
    ([f"tests/fuzz/corpus/request_head/{i}" for i in range(150)], []),
]

# Sources, and whether their layers form a circle.
CIRCLES = [
    ({"server/text/a.cpp": '#include "storage/time.hpp"\n', "server/app.cpp": '#include "server/text/a.hpp"\n'}, False),
    ({"storage/a.cpp": '#include "storage/blobs/b.hpp"\n', "storage/blobs/b.cpp": '#include "storage/a.hpp"\n'},
     False),
    ({"server/text/a.cpp": '#include "server/time/b.hpp"\n', "server/time/b.hpp": '#include "server/text/c.hpp"\n'},
     True),
    ({"server/app.cpp": '#include "server/cli/b.hpp"\n', "server/cli/b.hpp": '#include "server/log.hpp"\n',
      "server/log.cpp": '#include "server/app.hpp"\n'}, True),
]
