"""Back to the beginning: one vault, one account, or everything."""
import json

import pytest
from control import Control
from glacier_data import MEBIBYTE, Glacier
from sdk import client_of

LEFT, RIGHT = "111122223333", "444455556666"
CLOCK = "2030-01-31T12:00:00.000Z"


def fill(server, account, region):
    """A vault with an archive, an upload and a job; capacity; a policy."""
    glacier = client_of(server, access_key=account, region=region)
    glacier.create_vault(vaultName="v")
    archive = glacier.upload_archive(vaultName="v", body=b"x")["archiveId"]
    glacier.initiate_multipart_upload(vaultName="v", partSize=str(MEBIBYTE))
    glacier.initiate_job(vaultName="v", jobParameters={"Type": "archive-retrieval", "ArchiveId": archive})
    glacier.purchase_provisioned_capacity()
    glacier.set_data_retrieval_policy(Policy={"Rules": [{"Strategy": "None"}]})


def portrait(server, account, region):
    """What the account sees; nothing of it when it was never there."""
    glacier = client_of(server, access_key=account, region=region)
    vaults = glacier.list_vaults()["VaultList"]
    jobs = [job["job_id"] for job in Control(server).get("jobs", account=account, region=region)["jobs"]]
    return (vaults, jobs, glacier.list_provisioned_capacity()["ProvisionedCapacityList"],
            glacier.get_data_retrieval_policy()["Policy"]["Rules"])


EMPTY = ([], [], [], [{"Strategy": "FreeTier"}])


@pytest.mark.parametrize("region", [None, "us-east-1"])
def test_an_account_is_emptied_and_no_other(start_firn, region):
    server = start_firn("--timing", "aws", "--clock", CLOCK)
    control = Control(server)
    places = [(account, place) for account in (LEFT, RIGHT) for place in ("us-east-1", "eu-west-1")]
    never_there = portrait(server, "999999999999", "us-east-1")
    for place in places:
        fill(server, *place)
    rule = control.add_fault({"latency": "1ms"})
    control.post("clock/advance", {"by": "1h"})
    before = {place: portrait(server, *place) for place in places}
    assert all(len(shown) == 1 for shown in sum(map(list, before.values()), []))
    count = len(control.requests())
    body = {"account": LEFT} | ({"region": region} if region else {})
    assert control.post("reset", body)["now"] == "2030-01-31T13:00:00.000Z"
    assert len(control.requests()) == count
    assert control.standing(rule)
    for place in places:
        emptied = place[0] == LEFT and region in (None, place[1])
        assert portrait(server, *place) == (never_there if emptied else before[place]), place
    # Once more is no mistake.
    printed = control.firn("reset", "--account", LEFT, *(["--region", region] if region else []))
    assert printed.startswith(f"account {LEFT} is empty in {region or 'all Regions'}\n")


def test_what_is_no_choice_is_refused(start_firn):
    server = start_firn("--timing", "instant")
    control = Control(server)
    with Glacier(server.port) as glacier:
        glacier.create_vault("v")
    for body, word in (({"account": "me"}, "12 digits"), ({"account": ""}, "12 digits"), ({"region": "us-east-1"}, "account"),
                       ({"account": LEFT, "region": "x y"}, "region"), ({"vault": ""}, "no vault"),
                       ({"vaults": "v"}, "vaults"), ({"vault": "v", "seed": True}, "seed"), ({"account": 111122223333}, "account")):
        status, answer = control.ask("POST", "reset", body)
        assert (status in (400, 404), word in json.dumps(answer)) == (True, True), (body, answer)
    result = control.firn("reset", "--region", "us-east-1", check=False)
    assert (result.returncode, "account" in result.stderr) == (1, True)
    with Glacier(server.port) as glacier:
        assert glacier.call("GET", "/-/vaults/v")[0].status == 200


# --- The seed file


def names_of(server):
    with Glacier(server.port) as glacier:
        return [vault["VaultName"] for vault in glacier.call("GET", "/-/vaults")[2]["VaultList"]]


def write_seed(file, *names):
    file.write_text(json.dumps({"vaults": [{"name": name, "archives": [{"text": "x" * 100_000}]} for name in names]}))


@pytest.mark.parametrize("flags", [[], ["--seed", "one"], ["--in-memory"]], ids=str)
def test_a_reset_goes_back_to_the_seed_file(start_firn, tmp_path, flags):
    file = tmp_path / "seed.json"
    write_seed(file, "seeded")
    server = start_firn("--timing", "instant", "--clock", CLOCK, "--seed-file", file, *flags)
    control = Control(server)
    ids = []
    for change in (lambda glacier: glacier.create_vault("other"),
                   lambda glacier: glacier.call("DELETE", f"/-/vaults/seeded/archives/{ids[0]}")):
        with Glacier(server.port) as glacier:
            ids += [entry["ArchiveId"] for entry in glacier.inventory("seeded")]
            change(glacier)
        control.post("clock/advance", {"by": "1d"})
        assert control.post("reset")["now"] == CLOCK
        assert names_of(server) == ["seeded"]
    with Glacier(server.port) as glacier:
        (entry,) = glacier.inventory("seeded")
        assert len(glacier.retrieve("seeded", entry["ArchiveId"])) == 100_000
        ids.append(entry["ArchiveId"])
    assert len(set(ids)) == (1 if "--seed" in flags else 3)


def test_a_reset_without_the_seed_file_stays_empty(start_firn, tmp_path):
    file = tmp_path / "seed.json"
    write_seed(file, "seeded")
    server = start_firn("--timing", "instant", "--seed-file", file)
    control = Control(server)
    control.post("reset", {"seed": False})
    for _ in range(2):
        assert names_of(server) == []
        server.restart()
    control.firn("reset")
    assert names_of(server) == ["seeded"]
    control.firn("reset", "--no-seed")
    assert names_of(server) == []


def test_a_reset_makes_a_data_directory_new(start_firn, tmp_path):
    """A seed file that is given for the first time after it is applied."""
    file = tmp_path / "seed.json"
    write_seed(file, "seeded")
    server = start_firn("--timing", "instant")
    Control(server).post("seed", {"vaults": [{"name": "v"}]})
    Control(server).post("reset")
    server.stop()
    server.start("--timing", "instant", "--seed-file", file)
    assert names_of(server) == ["seeded"]


@pytest.mark.parametrize("fault", ["gone", "no JSON", "wrong", "from the future"])
def test_a_reset_with_a_bad_seed_file_deletes_nothing(start_firn, tmp_path, fault):
    file = tmp_path / "seed.json"
    write_seed(file, "seeded")
    server = start_firn("--timing", "instant", "--clock", CLOCK, "--seed-file", file)
    control = Control(server)
    with Glacier(server.port) as glacier:
        glacier.create_vault("other")
    control.post("clock/advance", {"by": "1d"})
    before = control.get("clock"), names_of(server)
    if fault == "gone":
        file.unlink()
    else:
        file.write_text({"no JSON": "{", "wrong": '{"vaults": [{"name": "v", "archives": [{"text": "a"}], "jobs": [{}]}]}',
                         "from the future": '{"vaults": [{"name": "v", "created": "2030-01-31T13:00:00Z"}]}'}[fault])
    status, answer = control.ask("POST", "reset")
    assert (status, str(file) in answer["error"]) == (409, True), answer
    assert "nothing was deleted" in answer["error"]
    assert (control.get("clock"), names_of(server)) == before
    assert not list((server.data_dir / "incoming").iterdir())
    write_seed(file, "mended")
    control.post("reset")
    assert names_of(server) == ["mended"]


def test_a_vault_with_many_archives_is_gone_at_once(start_firn):
    server = start_firn("--timing", "instant")
    control = Control(server)
    many = {"vaults": [{"name": "many", "archives": [{"synthetic": 1, "count": 20_000, "description": "{n}"}]}]}
    for _ in range(2):
        control.post("seed", many)
        control.post("reset", {"vault": "many"})
        assert names_of(server) == []
        with Glacier(server.port) as glacier:
            glacier.create_vault("many")
            assert glacier.inventory("many") == []
        server.kill()
        server.start(*server.flags)
