"""The file of an import: to OVH's documents first, from there into the database."""

from typing import Any

from apps.operations import attachments
from apps.operations.models import Operation
from apps.ovhapi.client import Client


def uploaded(client: Client, operation: Operation) -> dict[str, Any]:
    """Put the file where OVH takes it from (POST /me/document, PUT of the content); its id joins the call.

    Changes nothing in the database. What a call that broke off left behind is only one more document; it carries the
    operation's id as a tag.
    """
    attachment = operation.attachments.get()
    tags = [{"key": "hostpanel", "value": str(operation.pk)}]
    document = client.call("POST", "/me/document", body={"name": attachment.name, "tags": tags}).data
    client.upload(str(document["putUrl"]), attachments.pieces(attachment), size=attachment.size)
    return {"documentId": str(document["id"])}
