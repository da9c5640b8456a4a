"""The command line: every command registers here, every failure ends here in one sentence and its exit code."""

import sys

import typer

from groundswell import __version__
from groundswell.cli import (
    audit,
    bot,
    collect,
    demo,
    doctor,
    folder,
    keys,
    marks,
    mine,
    mirror,
    pack,
    pulse,
    report,
    serve,
    simulate,
    validate,
)
from groundswell.errors import GroundswellError
from groundswell.privacy.quiet import hush, told

app = typer.Typer(
    name="groundswell",
    help="What was said, done and lasted about AI at work, from the traces work already leaves.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # a traceback with local values could print a message or a name
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("report")(report.report)
app.command("doctor")(doctor.doctor)
app.command("demo")(demo.demo)
app.command("init")(folder.init)
app.command("read")(folder.read)
app.command("measure")(folder.measure)
app.command("draw")(folder.draw)
app.command("verify")(folder.verify)
app.command("mine")(mine.mine)
app.command("forget")(folder.forget)
app.command("mirror")(mirror.mirror)
app.command("mirror")(mirror.mirror)
app.command("forget")(folder.forget)
app.command("pack")(pack.pack)
app.add_typer(keys.app, name="keys")
app.command("marks")(marks.marks)
app.command("bot")(bot.bot)
app.command("collect")(collect.collect)
app.command("pulse")(pulse.pulse)
app.command("audit")(audit.audit)
app.command("serve")(serve.serve)
app.command("backup")(serve.backup)
app.command("restore")(serve.restore)
app.command("simulate")(simulate.simulate)
app.command("validate")(validate.validate)


@app.callback(invoke_without_command=True)
def main(version: bool = typer.Option(False, "--version", help="Print the version and end.")) -> None:
    """What was said, done and lasted about AI at work, from the traces work already leaves.

    Exit codes: 0 done; 1 a failure of ours; 2 an input or a word of the command is wrong; 3 nothing recognised;
    4 the result cannot be written; 5 a promise to people would be broken; 6 the store is in use or damaged; 7 a broken plug-in.
    """
    if version:
        typer.echo(f"groundswell {__version__}")
        raise typer.Exit


def run() -> None:
    """Entry point of the installed command."""
    hush()
    try:
        app()
    except GroundswellError as error:
        typer.echo(str(error), err=True)
        sys.exit(error.exit_code)
    except Exception as error:  # its own message may quote a name or a text, so only kind and place are printed
        typer.echo(f"A failure of ours: {told(error)}. Nothing more is printed, since it could quote a message.", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        typer.echo("Stopped. Nothing already stored is lost; run the command again to go on.", err=True)
        sys.exit(130)


if __name__ == "__main__":
    run()
