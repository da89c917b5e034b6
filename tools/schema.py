"""Arguments held against a tool's schema, before anything is called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from langchain_core.tools import BaseTool
from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticSerializationError, to_jsonable_python

from ..errors import InputError
from .policy import policy_of

KEY = "idempotency_key"
"""The parameter that gets the key of an effect; nobody else sets it."""


def offered_schema(tool: BaseTool) -> dict[str, Any]:
    """The JSON schema of the arguments that a model may choose: without the owner and the key."""
    schema: dict[str, Any] = (
        dict(tool.args_schema) if isinstance(tool.args_schema, dict) else dict(tool.get_input_jsonschema())
    )
    hidden = {KEY, policy_of(tool).owner}
    properties = {name: part for name, part in schema.get("properties", {}).items() if name not in hidden}
    required = [name for name in schema.get("required", ()) if name not in hidden]
    kept = {"$defs": schema["$defs"]} if "$defs" in schema else {}
    return {"type": "object", "properties": properties, "required": required, **kept}


def validated(tool: BaseTool, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments as JSON data, coerced to the tool's types, with its defaults filled in.

    Raises:
        InputError: One is missing, unknown, or of the wrong type.
    """
    unknown = set(arguments) - (set(tool.args) - {KEY})
    if unknown:
        raise _unfit(tool, f"{sorted(unknown)[0]!r} is no argument of it")
    schema = tool.args_schema
    if isinstance(schema, dict):
        return _by_json_schema(tool, schema, arguments)
    model = cast("type[BaseModel]", tool.get_input_schema())
    try:
        made = model.model_validate({**arguments, **({KEY: ""} if KEY in tool.args else {})})
        data: dict[str, Any] = to_jsonable_python(_shallow(made))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise _unfit(tool, f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    except PydanticSerializationError as error:
        raise _unfit(tool, str(error)) from error
    data.pop(KEY, None)
    return data


def _shallow(model: BaseModel) -> dict[str, Any]:
    return {name: getattr(model, name) for name in type(model).model_fields}


def _by_json_schema(tool: BaseTool, schema: dict[str, Any], arguments: Mapping[str, Any]) -> dict[str, Any]:
    import jsonschema

    given = dict(arguments)
    try:
        jsonschema.validate(given, schema)
    except jsonschema.ValidationError as error:
        raise _unfit(tool, f"{error.json_path}: {error.message[:200]}") from error
    except jsonschema.SchemaError as error:
        raise _unfit(tool, f"its own schema is wrong: {error.message[:200]}") from error
    return given


def _unfit(tool: BaseTool, fault: str) -> InputError:
    return InputError(
        f"The arguments do not fit tool {tool.name!r}: {fault}.",
        f"It takes {sorted(set(tool.args) - {KEY})}.",
    )
