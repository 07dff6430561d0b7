"""A 100 Hz control loop: it holds a tank's level while the inflow changes, and tells how punctual it was."""

import math
import time

from windlass import BackgroundWorker, LateTick

INTERVAL = 0.01  # seconds


class Tank:
    """Two units in area; what flows in is beyond our control, what flows out is up to the valve."""

    def __init__(self) -> None:
        self.level = 0.5
        self.valve = 0.0
        self._moved = time.monotonic()

    def measure(self) -> float:
        """Return the level as of now."""
        now = time.monotonic()
        inflow = 1.0 + 0.5 * math.sin(now)
        self.level = max(0.0, self.level + (inflow - self.valve) * (now - self._moved) / 2)
        self._moved = now
        return self.level


class LevelControl(BackgroundWorker):
    """A proportional-integral controller."""

    def __init__(self, tank: Tank, target: float) -> None:
        super().__init__("level", interval=INTERVAL, realtime=True, watchdog=1.0, on_miss=self.report)
        self.tank = tank
        self.target = target
        self.integral = 0.0

    def run(self) -> None:
        """Measure, compute, set the valve: one tick."""
        error = self.tank.measure() - self.target
        self.integral = max(0.0, self.integral + error * INTERVAL)  # a valve cannot be more than closed
        self.tank.valve = max(0.0, 20.0 * error + 100.0 * self.integral)

    def after_stop(self) -> None:
        """Leave the valve in a safe position."""
        self.tank.valve = 0.0

    def report(self, late: LateTick) -> None:
        """Tell of ticks that ended after their deadline, on a thread that is not the loop's."""
        print(f"tick {late.number} began {late.lateness * 1e3:.1f} ms late ({late.count} since the last report)")


if __name__ == "__main__":
    tank = Tank()
    control = LevelControl(tank, target=1.0)
    control.start()
    time.sleep(3)
    control.stop()
    statistics = control.statistics()
    print(f"level {tank.level:.3f}, wanted {control.target}")
    print(f"{statistics.ticks} ticks, {statistics.missed} missed")
    for name in ("lateness", "run_time"):
        times = getattr(statistics, name)
        print(
            f"{name}: p50 {times.p50 * 1e6:.1f} us, p99 {times.p99 * 1e6:.1f} us, maximum {times.maximum * 1e6:.1f} us"
        )
