"""A worker in Python under the lab: contract `stream`, the redis package, nothing of Understudy's.

A job is an entry of a stream with the fields `id` and `data`. Whatever happens to this process, one
script decides whether a job has its effect, writes it, and takes the job off the list: all or
nothing, and once.
"""

import json
import os
import signal
import sys
import time

import redis

NODE = os.environ["UNDERSTUDY_NODE_ID"]
STREAM = os.environ["UNDERSTUDY_PREFIX"] + ":" + os.environ["UNDERSTUDY_QUEUE"]
EFFECTS = os.environ["UNDERSTUDY_EFFECTS"]
DONE = STREAM + ":done"
GROUP = "workers"
# Who had a job for so long and did not finish it is taken to be dead. It may be alive all the same.
IDLE_MS = int(os.environ.get("UNDERSTUDY_LOCK_DURATION_MS", "3000"))
HANDLER_S = int(os.environ.get("UNDERSTUDY_HANDLER_MS", "5")) / 1000

# KEYS: the set of jobs that are done, the effect log, the stream. ARGV: group, entry, job, node,
# amount. Returns 1 if the job has its effect now, 0 if it had it before.
COMMIT = """
local new = redis.call('SADD', KEYS[1], ARGV[3])
if new == 1 then
  redis.call('XADD', KEYS[2], '*', 'job', ARGV[3], 'node', ARGV[4], 'key', ARGV[3],
    'amountCents', ARGV[5])
end
redis.call('XACK', KEYS[3], ARGV[1], ARGV[2])
return new
"""

stopping = False


def stop(_signal, _frame):
    global stopping
    stopping = True


def connect():
    # A reply that never comes must not be waited for for ever.
    return redis.Redis.from_url(
        os.environ["REDIS_URL"], decode_responses=True, socket_timeout=2, socket_connect_timeout=2
    )


def make_group(store):
    try:
        # From 0: jobs that were there before the first worker count as well.
        store.xgroup_create(STREAM, GROUP, id="0", mkstream=True)
    except redis.ResponseError as error:
        if "BUSYGROUP" not in str(error):
            raise


def abandoned(store):
    """Jobs that somebody took and did not finish; they are ours from now on."""
    answer = store.xautoclaim(STREAM, GROUP, NODE, IDLE_MS, start_id="0-0", count=10)
    # Some versions of the package give the entries alone, some with where to go on.
    entries = answer[1] if answer and not isinstance(answer[0], tuple) else answer
    return [entry for entry in entries if entry[1]]


def fresh(store):
    answer = store.xreadgroup(GROUP, NODE, {STREAM: ">"}, count=5, block=200)
    return answer[0][1] if answer else []


def handle(store, commit, entry, fields):
    job = json.loads(fields["data"])
    time.sleep(HANDLER_S)
    commit(
        keys=[DONE, EFFECTS, STREAM],
        args=[GROUP, entry, job["id"], NODE, job["amountCents"]],
        client=store,
    )


def work(store):
    make_group(store)
    commit = store.register_script(COMMIT)
    print('@understudy {"event":"ready"}', flush=True)
    looked = 0.0
    while not stopping:
        jobs = []
        if time.monotonic() - looked > IDLE_MS / 4000:
            looked = time.monotonic()
            jobs = abandoned(store)
        for entry, fields in jobs or fresh(store):
            handle(store, commit, entry, fields)


def main():
    signal.signal(signal.SIGTERM, stop)
    while not stopping:
        try:
            work(connect())
        except (redis.ConnectionError, redis.TimeoutError) as error:
            # What was asked may have been done: the script answers the same the second time.
            print(f"connection lost: {error}", file=sys.stderr, flush=True)
            time.sleep(0.05)


main()
