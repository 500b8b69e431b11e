"""Drives an MCP server with the official SDK: `mcp_client.py MODE PROGRAM ARGUMENTS...`.

Reads `{"calls": [[NAME, ARGUMENTS], ...], "at_once": BOOL}` from standard input and writes what the
server listed and answered as one JSON document.
"""

import asyncio
import json
import os
import sys

from mcp import Client, MCPError, StdioServerParameters


def plain(model):
    return model.model_dump(mode="json", by_alias=True, exclude_none=True)


async def call(client, name, arguments):
    try:
        return plain(await client.call_tool(name, arguments))
    except MCPError as error:
        return {"protocol_error": {"code": error.error.code, "message": error.error.message}}


async def main():
    mode, program, *arguments = sys.argv[1:]
    wanted = json.load(sys.stdin)
    server = StdioServerParameters(command=program, args=arguments, env=dict(os.environ))
    async with Client(server, mode=mode, read_timeout_seconds=120) as client:
        listed = await client.list_tools()
        if wanted.get("at_once"):
            runs = [call(client, *one) for one in wanted["calls"]]
            results = await asyncio.gather(*runs)
        else:
            results = [await call(client, *one) for one in wanted["calls"]]
        json.dump(
            {
                "version": client.session.protocol_version,
                "tools": [plain(tool) for tool in listed.tools],
                "results": results,
            },
            sys.stdout,
        )


asyncio.run(main())
