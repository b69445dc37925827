"""The ``course`` command: a thin front; each subcommand calls one function elsewhere."""

import argparse
import sys
from pathlib import Path

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

    doctor = commands.add_parser("doctor", help="提出の前に、ノートブックを調べて直す（直す前の控えを残す）")
    doctor.add_argument("notebook", nargs="*", type=Path, help="ノートブック（省略すると、このフォルダーの全章）")
    doctor.add_argument("--check", action="store_true", help="何も書かずに、問題を挙げるだけにする")
    doctor.add_argument("--no-run", action="store_true", help="上から順に実行し直す検査を省く")
    doctor.set_defaults(run=_doctor)

    grade = commands.add_parser("grade", help="提出物をまとめて採点する（途中で止めても、続きから始まる）")
    grade.add_argument("chapter", help="章（01 や 02_bernoulli）")
    grade.add_argument("--submitted", type=Path, help="学生ごとのフォルダーが並ぶフォルダー（省略すると submitted/）")
    grade.add_argument("--workers", type=_count, help="並べて動かすプロセスの数（省略するとコアの数）")
    grade.add_argument("--scheduler", default="", help="この計算機の代わりに使う Dask のスケジューラー（tcp://…）")
    grade.add_argument("--no-sandbox", action="store_true", help="bubblewrap で隔離しない（信用できる提出物だけに）")
    grade.add_argument("--db", default="", help="成績簿の URL（省略すると nbgrader_config.py のもの）")
    grade.set_defaults(run=_grade)

    progress = commands.add_parser("progress", help="全章の進み具合と、次に取り組む演習を示す")
    progress.set_defaults(run=_progress)
    return parser


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError("1 以上の整数にしてください")
    return count


def _grade(arguments) -> int:
    if sys.platform == "win32":
        print("course grade: Windows では採点できません。WSL か Linux で実行してください", file=sys.stderr)
        return 2
    from .grading.build import BuildError, course_root
    from .grading.classroom import Bar, Options, StorageError, grade, summary
    from .grading.gradebook import GradebookError
    from .grading.key import KeyMismatchError
    from .grading.sandbox import SandboxError
    from .grading.workers import WorkerError

    try:
        outcome = grade(
            course_root(),
            arguments.chapter,
            submitted=arguments.submitted,
            processes=arguments.workers,
            scheduler=arguments.scheduler,
            options=Options(isolated=not arguments.no_sandbox),
            db_url=arguments.db,
            progress=Bar(),
        )
    except (BuildError, KeyMismatchError, SandboxError, WorkerError) as error:
        print(f"course grade: {error}", file=sys.stderr)
        return 2
    except (GradebookError, StorageError) as error:
        print(f"\ncourse grade: {error}", file=sys.stderr)
        return 3
    except KeyboardInterrupt:
        print("\ncourse grade: 中断しました。もう一度実行すると、続きから採点します", file=sys.stderr)
        return 130
    print(summary(outcome))
    return 1 if outcome.problems else 0


def _doctor(arguments) -> int:
    from .doctor import examine, notebooks

    paths = arguments.notebook or notebooks(Path.cwd())
    if not paths:
        print("course doctor: ここにはこの講座のノートブックがありません", file=sys.stderr)
        return 2
    status = 0
    for path in paths:
        report = examine(path, repair=not arguments.check, run=not arguments.no_run)
        print(report, flush=True)
        status = max(status, report.status)
    return status


def _progress(arguments) -> int:
    from .progress import progress_of

    found = progress_of(Path.cwd())
    if found is None:
        print("course progress: ここにはこの講座の章がありません", file=sys.stderr)
        return 2
    print(found)
    return 0


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
