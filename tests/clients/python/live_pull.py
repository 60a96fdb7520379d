"""Python's gRPC against a running server: health, reflection, and a live Pull.

Usage: live_pull.py ADDRESS CA_FILE TOKEN CIRCLE RECORD_HEX
Prints "ready" when the first page that reached the head has come, then "seen" when the record arrives live. The test
pushes the record in between.
"""

import pathlib
import subprocess
import sys
import tempfile

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

ROOT = pathlib.Path(__file__).resolve().parents[3]


def stubs():
    """Generates the stubs from the contracts and puts them on the path."""
    out = tempfile.mkdtemp(prefix="osteon-stubs-")
    files = [str(p.relative_to(ROOT / "proto")) for p in (ROOT / "proto" / "osteon").rglob("*.proto")]
    files.append("buf/validate/validate.proto")
    subprocess.run(
        [sys.executable, "-m", "grpc_tools.protoc", f"-I{ROOT / 'proto'}", f"-I{ROOT / 'third_party'}",
         f"--python_out={out}", f"--grpc_python_out={out}", *files],
        check=True,
    )
    sys.path.insert(0, out)


def main():
    address, ca_file, token, circle, record = sys.argv[1:]
    stubs()
    from osteon.sync.v1 import sync_service_pb2, sync_service_pb2_grpc

    credentials = grpc.ssl_channel_credentials(pathlib.Path(ca_file).read_bytes())
    with grpc.secure_channel(address, credentials) as channel:
        health = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=10)
        assert health.status == health_pb2.HealthCheckResponse.SERVING, health

        asked = iter([reflection_pb2.ServerReflectionRequest(list_services="")])
        answer = next(iter(reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo(asked, timeout=10)))
        names = {service.name for service in answer.list_services_response.service}
        assert "osteon.sync.v1.SyncService" in names, names

        sync = sync_service_pb2_grpc.SyncServiceStub(channel)
        metadata = [("authorization", f"Bearer {token}")]
        hello = sync.Hello(sync_service_pb2.HelloRequest(client="0.1.0"), metadata=metadata, timeout=10)
        request = sync_service_pb2.PullRequest(
            positions=[sync_service_pb2.CirclePosition(circle=int(circle))], live=True, epoch=hello.epoch)
        stream = sync.Pull(request, metadata=metadata, timeout=60)
        ready = False
        for answer in stream:
            if answer.WhichOneof("event") != "page":
                continue
            for cell in answer.page.cells:
                for part in cell.parts:
                    if part.record.hex() == record:
                        assert ready, "the record came before it was pushed"
                        assert part.body.WhichOneof("body") == "pain_entry", part.body
                        print("seen", part.body.pain_entry.worst_24h, flush=True)
                        stream.cancel()
                        return
            if answer.page.at_head and not ready:
                ready = True
                print("ready", flush=True)
    raise SystemExit("the stream ended without the record")


main()
