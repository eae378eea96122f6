"""A server whose gallery is in PostgreSQL, and what it says when the database is not there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from serving import is_ready, restart_server, running_server

if TYPE_CHECKING:
    from pathlib import Path

    from contract.postgresql import PostgreSQL


def test_a_gallery_in_postgresql_is_served_and_outlives_its_server(
    postgresql: PostgreSQL, tmp_path: Path, astronaut: Path
) -> None:
    image = {"Bytes": astronaut.read_bytes()}
    with postgresql.fresh_database() as url, running_server(tmp_path / "data", database_url=url) as server:
        client = server.boto3_client()
        client.create_collection(CollectionId="staff")
        client.index_faces(CollectionId="staff", Image=image, ExternalImageId="collins", MaxFaces=1)
        second = server.command("serve")
        assert "another server uses this database" in second.stderr
        server.process.kill()
        server.process.wait()
        again = restart_server(server)
        try:
            found = again.boto3_client().search_faces_by_image(CollectionId="staff", Image=image)
            assert [match["Face"]["ExternalImageId"] for match in found["FaceMatches"]] == ["collins"]
        finally:
            assert again.stop() == 0


def test_a_server_without_its_database_is_not_ready_and_says_that_it_failed(
    postgresql: PostgreSQL, tmp_path: Path
) -> None:
    postgresql.command("CREATE ROLE visitor LOGIN SUPERUSER")
    with postgresql.fresh_database() as url:
        address = url.replace("countenance@", "visitor@")
        with running_server(tmp_path / "data", database_url=address) as server:
            client = server.boto3_client()
            postgresql.command("ALTER ROLE visitor NOLOGIN")
            postgresql.command(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'visitor'"
            )
            assert not is_ready(server.endpoint_url)
            with pytest.raises(client.exceptions.InternalServerError) as failed:
                client.list_collections()
            assert "visitor" not in str(failed.value)
            postgresql.command("ALTER ROLE visitor LOGIN")
            assert is_ready(server.endpoint_url)
            assert client.list_collections()["CollectionIds"] == []
