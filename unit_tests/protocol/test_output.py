"""Standard output: whole lines, each flushed, from whichever thread; and what happens when it is lost."""

from __future__ import annotations

import errno
import io
import json
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from destination_fincome.protocol.output import LOGGER, LogHandler, Output, OutputLost, log_through
from unit_tests.fork_server import environment


class Pipe(io.StringIO):
    """A stdout that shows only what was flushed."""

    def __init__(self, error: Exception | None = None) -> None:
        super().__init__()
        self.seen = ""
        self.error = error

    def flush(self) -> None:
        if self.error:
            raise self.error
        self.seen = self.getvalue()


@pytest.fixture
def secret() -> Iterator[str]:
    from airbyte_cdk.utils.airbyte_secrets_utils import update_secrets  # a second of CPU, for this process only

    update_secrets(["the-key-0123"])
    yield "the-key-0123"
    update_secrets([])


@pytest.fixture
def logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    before = root.handlers[:], LOGGER.handlers[:], LOGGER.level, LOGGER.propagate
    yield
    root.handlers[:], LOGGER.handlers[:], LOGGER.level, LOGGER.propagate = before


def test_each_message_is_one_line_that_is_out_at_once() -> None:
    pipe = Pipe()
    output = Output(pipe)
    output.message({"type": "STATE", "state": {"text": "a\nb\u2028c"}})
    assert pipe.seen == '{"type":"STATE","state":{"text":"a\\nb\u2028c"}}\n'
    output.text({"type": "TRACE"})
    assert pipe.seen.endswith('{"type":"TRACE"}\n')
    output.line("x")
    assert pipe.seen.endswith("\nx\n")


def test_secrets_are_masked_where_there_are_words_and_states_stay_as_they_are(secret: str) -> None:
    pipe = Pipe()
    output = Output(pipe)
    output.message({"state": secret})
    output.text({"trace": secret})
    assert [json.loads(line) for line in pipe.seen.splitlines()] == [{"state": secret}, {"trace": "****"}]


def test_lines_of_several_threads_are_whole() -> None:
    class Slow(Pipe):
        """Takes a text letter by letter, letting others run in between."""

        def write(self, text: str) -> int:
            for letter in text:
                super().write(letter)
                waiting.wait(0.0001)
            return len(text)

    waiting = threading.Event()
    pipe = Slow()
    output = Output(pipe)
    threads = [threading.Thread(target=output.line, args=(letter * 50,)) for letter in "abcdef"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(pipe.seen.splitlines()) == [letter * 50 for letter in "abcdef"]


def test_logs_go_the_same_way_with_secrets_masked(secret: str, logging_as_it_was: None) -> None:
    pipe = Pipe()
    log_through(Output(pipe))
    LOGGER.info("with %s", secret)
    logging.getLogger("another.library").warning("a word")
    LOGGER.debug("nothing")
    assert [json.loads(line)["log"] for line in pipe.seen.splitlines()] == [
        {"level": "INFO", "message": "with ****"},
        {"level": "WARN", "message": "a word"},
    ]


@pytest.mark.parametrize("error", [BrokenPipeError(), OSError(errno.ENOSPC, "full"), ValueError("closed")])
def test_a_log_line_that_cannot_be_written_is_passed_over(error: Exception, capsys: pytest.CaptureFixture[str]) -> None:
    LogHandler(Output(Pipe(error))).handle(logging.makeLogRecord({"msg": "x", "levelno": logging.INFO}))
    assert capsys.readouterr() == ("", "")


def test_a_stdout_that_is_lost_is_noticed_at_each_message_and_at_the_end() -> None:
    pipe = Pipe(OSError(errno.ENOSPC, "No space left on device"))
    output = Output(pipe)
    for write in (lambda: output.message({}), lambda: output.text({}), lambda: output.line(""), output.flush):
        with pytest.raises(OutputLost, match=r"^No space left on device$"):
            write()
    pipe.error = BrokenPipeError()
    with pytest.raises(BrokenPipeError):
        output.flush()


def test_a_stdout_that_is_closed_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    with pytest.raises(OutputLost, match=r"^it is closed$"):
        Output()


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        ("BrokenPipeError", ""),
        ("OutputLost('it is gone')", "destination-fincome: standard output can't be written (it is gone), "),
    ],
)
def test_a_process_ends_at_once_when_stdout_is_lost(raised: str, said: str) -> None:
    code = (
        "import sys; from destination_fincome.protocol.output import OutputLost, ended_when_output_is_lost\n"
        f"sys.stdout.write('what is left')\nwith ended_when_output_is_lost():\n    raise {raised}"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(said)
    assert done.stderr.count("\n") == bool(said)
