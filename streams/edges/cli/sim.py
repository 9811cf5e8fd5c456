"""`frontwire sim`: everything breaks, by a seed, and what was promised is checked."""

from __future__ import annotations

from typing import Annotated

import typer

from streams.edges.cli import screen, session
from streams.edges.cli.options import AsJson


def _seeds(written: str) -> range:
    first, _, last = written.partition("-")
    try:
        return range(int(first), int(last or first) + 1)
    except ValueError:
        raise typer.BadParameter(f"{written!r} is no range of seeds; write 1-500") from None


def sim(
    seed: Annotated[int | None, typer.Option("--seed", metavar="N", help="Run this one seed.")] = None,
    seeds: Annotated[
        range | None, typer.Option("--seeds", metavar="FIRST-LAST", help="Run these.", parser=_seeds)
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="FAULT", help="Only this kind of fault; repeatable.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Run the pipeline, the feed and the delivery of alerts over a disk, a clock and networks that fail by a seed.

    Everything breaks for a while, then nothing more does, and then what was promised is checked from what went in and
    what came out. The same seed does the same again. Exit code 1 if a promise was broken; the command that repeats it
    is printed.
    """
    from streams.edges.sim.campaign import Outcome, reproducer, simulate_all
    from streams.edges.sim.faults import FAULTS

    if unknown := [name for name in only or () if name not in FAULTS]:
        raise typer.BadParameter(f"there is no fault {unknown[0]!r}; there are {', '.join(FAULTS)}")
    if (seed is None) == (seeds is None):
        raise typer.BadParameter("give --seed N or --seeds FIRST-LAST")
    wanted = range(seed, seed + 1) if seed is not None else seeds or range(0)
    with screen.bar("Simulating", total=len(wanted)) as bar:

        def told(outcome: Outcome) -> None:
            for breach in outcome.breaches:
                screen.err().print(f"seed {outcome.seed}: {breach}", style="red", markup=False, soft_wrap=True)
            if outcome.breaches:
                screen.err().print(f"  {reproducer(outcome.seed, only or ())}", markup=False, soft_wrap=True)
            if bar:
                bar.advance(bar.task_ids[0])

        results = simulate_all(wanted, session.stages(), only or (), told)
    fired = {name: results.fired[name] for name in FAULTS if results.fired[name]}
    if as_json:
        failed = [{"seed": one.seed, "breaches": one.breaches} for one in results.failed]
        heal = {"slowest_heal_s": round(results.slowest_heal_s, 3)}
        screen.json_line({"seeds": results.seeds, "failed": failed, "fired": fired, **heal})
    else:
        _report(results.seeds, len(results.failed), fired, results.slowest_heal_s)
    raise typer.Exit(1 if results.failed else 0)


def _report(seeds: int, failed: int, fired: dict[str, int], slowest_s: float) -> None:
    from streams.edges.sim.faults import FAULTS

    table = screen.table("fault", ">fired", "what it is")
    for name, times in fired.items():
        table.add_row(name, f"{times:,}", FAULTS[name])
    out = screen.out()
    out.print(table)
    said = "every promise was kept" if not failed else f"{screen.plural(failed, 'seed')} broke a promise"
    out.print(f"{screen.plural(seeds, 'seed')}: {said}; all was well at most {slowest_s:.1f} s after the last fault.")
