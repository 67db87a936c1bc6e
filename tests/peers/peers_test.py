#!/usr/bin/env python3
"""bench/peers/alternate.py, and that every script of bench shows its help."""
import contextlib
import io
import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

BENCH = Path(__file__).resolve().parents[2] / "bench"
sys.dont_write_bytecode = True
sys.path.insert(0, str(BENCH / "peers"))
import alternate  # noqa: E402
from spoken_numbers import spoken  # noqa: E402

SCRIPTS = [*sorted((BENCH / "peers").glob("*_*.py")), BENCH / "captions" / "advise_error.py"]
PARTS = {"faster_whisper_once.py", "make_ast.py", "objects_python_once.py", "prepare_recordings.py", "spoken_numbers.py"}


class Alternation(unittest.TestCase):
    def test_contestants_take_turns_and_the_first_round_does_not_count(self):
        order = []

        def contestant(name):
            def run():
                order.append(name)
                return alternate.Run(wall=float(len(order)), cpu=1.0)
            return run

        runs = alternate.alternate({"a": contestant("a"), "b": contestant("b")}, rounds=2)
        self.assertEqual(order, ["a", "b"] * 3)
        self.assertEqual([run.wall for run in runs["a"]], [3.0, 5.0])

    def test_ratios_are_of_medians(self):
        runs = {"theirs": [alternate.Run(wall, 4.0) for wall in (8.0, 100.0, 6.0)],
                "ours": [alternate.Run(wall, 1.0) for wall in (2.0, 1.0, 50.0)]}
        with contextlib.redirect_stdout(io.StringIO()) as out:
            alternate.print_ratios(runs, [("than theirs", "theirs", "ours")])
            alternate.print_times(runs, lambda name: f"({name}!)")
        self.assertIn("than theirs: 4.00 times as fast, 4.00 by processor time", out.getvalue())
        self.assertIn("8.000 s (6.000 to 100.000)", out.getvalue())
        self.assertIn("(ours!)", out.getvalue())

    def test_processor_time_of_the_program_is_measured(self):
        run = alternate.run_command([sys.executable, "-c", "import json\nfor i in range(300000): pass\nprint(json.dumps([1]))"],
                                    json.loads)
        self.assertEqual(run.answer, [1])
        self.assertGreater(run.cpu, 0.0)
        self.assertGreater(run.wall, 0.0)

    def test_a_program_that_measures_itself_is_believed(self):
        run = alternate.run_and_trust([sys.executable, "-c", "print('noise'); print('{\"wall\": 2.5, \"cpu\": 3.5, \"text\": \"x\"}')"])
        self.assertEqual((run.wall, run.cpu, run.answer["text"]), (2.5, 3.5, "x"))

    def test_a_program_that_fails_ends_the_comparison_with_its_words(self):
        with self.assertRaises(SystemExit) as caught:
            alternate.run_command([sys.executable, "-c", "import sys; sys.exit('no such model')"])
        self.assertIn("no such model", str(caught.exception))

    def test_every_time_is_written_down(self):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "runs.json"
            alternate.write_json(file, {"runs": {"a": [alternate.Run(1.0, 2.0, "x")]}})
            self.assertEqual(json.loads(file.read_text())["runs"]["a"], [{"wall": 1.0, "cpu": 2.0, "answer": "x"}])


class Scripts(unittest.TestCase):
    def test_numbers_are_read_out(self):
        self.assertEqual(spoken("dial 42").split(), ["dial", "four", "two"])

    def test_every_comparison_shows_its_help(self):
        for script in SCRIPTS:
            if script.name in PARTS:
                continue
            with self.subTest(script.name):
                done = subprocess.run([sys.executable, "-B", script, "--help"], capture_output=True, text=True)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertIn(script.name, done.stdout)


if __name__ == "__main__":
    unittest.main()
