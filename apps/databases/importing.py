"""The file of an import: to OVH's documents first, from there into the database."""

from typing import Any

from apps.operations import attachments
from apps.operations.models import Operation
from apps.ovhapi.client import Client
from apps.ovhapi.errors import NotNow


def uploaded(client: Client, operation: Operation) -> dict[str, Any]:
    """Put the file where OVH takes it from (POST /me/document, PUT of the content); its id joins the call.

    Changes nothing in the database. What a call that broke off left behind is only one more document; it carries the
    operation's id as a tag.
    """
    attachment = operation.attachments.get()
    tags = [{"key": "hostpanel", "value": str(operation.pk)}]
    answer = client.call("POST", "/me/document", body={"name": attachment.name, "tags": tags})
    document = answer.data if isinstance(answer.data, dict) else {}
    if not document.get("id") or not document.get("putUrl"):
        msg = "OVH answered without a place for the file."
        raise NotNow(msg, reason="overloaded", query_id=answer.query_id)
    client.upload(str(document["putUrl"]), attachments.pieces(attachment), size=attachment.size)
    return {"documentId": str(document["id"])}
