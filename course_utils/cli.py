"""The ``course`` command: a thin front; each subcommand calls one function elsewhere."""

import argparse
import sys

from . import __version__


def main(argv: list[str] | None = None) -> int:
    """Run ``course`` with ``argv`` and return its exit status."""
    arguments = _parser().parse_args(argv)
    return arguments.run(arguments)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="course", description="「生成モデルの全体像」の道具")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="コマンド")

    build = commands.add_parser("build", help="solutions/ から notebooks/ を作る（--check なら食い違いを調べる）")
    build.add_argument("chapter", nargs="*", help="章（01 や 02_bernoulli。省略するとすべて）")
    build.add_argument("--check", action="store_true", help="何も書かずに、古い・手で直された箇所を挙げる")
    build.set_defaults(run=_build)

    execute = commands.add_parser(
        "execute", help="solutions/ のノートブックを実行し、出力を保存して notebooks/ も作り直す"
    )
    execute.add_argument("chapter", nargs="*", help="章（01 や 02_bernoulli。省略するとすべて）")
    execute.set_defaults(run=_execute)
    return parser


def _execute(arguments) -> int:
    from .grading.build import BuildError, build, course_root, execute

    try:
        root = course_root()
        print("\n".join(f"solutions/{name} を実行しました" for name in execute(root, arguments.chapter)))
        build(root, arguments.chapter)
    except BuildError as error:
        print(f"course execute: {error}", file=sys.stderr)
        return 2
    return 0


def _build(arguments) -> int:
    from .grading.build import BuildError, build, course_root, stale

    try:
        root = course_root()
        if arguments.check:
            problems = stale(root, arguments.chapter)
            print("\n".join(problems) or "notebooks/ は solutions/ と一致しています")
            if problems:
                print("→ course build で作り直してください（notebooks/ は手で直しません）", file=sys.stderr)
            return 1 if problems else 0
        print("\n".join(f"notebooks/{name} を作りました" for name in build(root, arguments.chapter)))
    except BuildError as error:
        print(f"course build: {error}", file=sys.stderr)
        return 2
    return 0
