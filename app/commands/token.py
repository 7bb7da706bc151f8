"""`tablewright token`: who may ask the scoring service."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from app.command import DONE, Command
from app.terminal import add_json, print_json, tell
from engine.errors import InputError
from engine.messages import phrase

BAD_FILE = phrase("token_file", "{reason}.", "Name the file that tablewright token --create has written.")
NO_SUCH_TOKEN = phrase("token_unknown", "There is no token called {name}.", "List them with: tablewright token FILE.")
TOKEN_EXISTS = phrase(
    "token_exists", "There is a token called {name} already.", "Revoke it first, or choose another name."
)


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "file", type=Path, metavar="FILE", help="where the hashes are kept; give it to serve --token-file"
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--create", metavar="NAME", help="print a new token, once; only its hash is kept")
    what.add_argument("--revoke", metavar="NAME", help="refuse a token from now on, also where a service runs")
    add_json(parser)


def _run(options: Namespace) -> int:
    from exporters.service.serve_tokens import create_token, read_tokens, revoke_token

    try:
        kept = read_tokens(options.file)
    except ValueError as problem:
        raise InputError(BAD_FILE(reason=str(problem))) from problem
    if options.create:
        if options.create in kept:
            raise InputError(TOKEN_EXISTS(name=options.create))
        token = create_token(options.file, options.create)
        print_json({"name": options.create, "token": token}) if options.json else print(token)
        tell("It is shown this once. Send it with each request: Authorization: Bearer TOKEN")
        return DONE
    if options.revoke and not revoke_token(options.file, options.revoke):
        raise InputError(NO_SUCH_TOKEN(name=options.revoke))
    names = sorted(read_tokens(options.file))
    print_json(names) if options.json else print("\n".join(names))
    return DONE


TOKEN = Command(
    key="token",
    help="create and revoke the tokens that a scoring service asks for",
    add_arguments=_add_arguments,
    run=_run,
)
