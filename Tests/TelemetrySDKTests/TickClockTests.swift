// SPDX-License-Identifier: Apache-2.0

import CTelemetryRuntime
import Testing

@Suite("Clock made of the processor's ticks")
struct TickClockTests {
    /// Ticks of 0.4 ns.
    private static let tick = 0.4

    /// A clock that has been set by readings at these times, in nanoseconds; ticks are counted from 1,000.
    private static func clock(setAt times: [UInt64]) -> ctr_tick_clock {
        var clock = ctr_tick_clock()
        for time in times { ctr_tick_clock_set(&clock, ticks(at: time), time) }
        return clock
    }

    private static func ticks(at nanoseconds: UInt64) -> UInt64 { 1000 + UInt64(Double(nanoseconds) / tick) }

    private static func read(_ clock: ctr_tick_clock, at ticks: UInt64) -> UInt64? {
        var clock = clock
        var nanoseconds: UInt64 = 0
        return ctr_tick_clock_read(&clock, ticks, &nanoseconds) ? nanoseconds : nil
    }

    @Test("says nothing before the counter's rate is known")
    func unknownRate() {
        #expect(Self.read(Self.clock(setAt: []), at: 5000) == nil)
        #expect(Self.read(Self.clock(setAt: [5_000_000]), at: Self.ticks(at: 6_000_000)) == nil)
        let tooClose = Self.clock(setAt: [5_000_000, 14_000_000])
        #expect(Self.read(tooClose, at: Self.ticks(at: 14_000_100)) == nil)
    }

    @Test("goes with the system's clock for ten times as long as it was measured, at most a second")
    func window() throws {
        let young = Self.clock(setAt: [5_000_000, 15_000_000])
        let time = try #require(Self.read(young, at: Self.ticks(at: 114_000_000)))
        #expect(abs(Int(time) - 114_000_000) < 500)
        #expect(Self.read(young, at: Self.ticks(at: 116_000_000)) == nil)
        let old = Self.clock(setAt: [5_000_000, 15_000_000, 115_000_000, 1_115_000_000])
        #expect(Self.read(old, at: Self.ticks(at: 2_114_000_000)) != nil)
        #expect(Self.read(old, at: Self.ticks(at: 2_116_000_000)) == nil)
    }

    @Test("takes back nothing that it has said when it was ahead, and is right at the end of the new line")
    func neverBack() throws {
        var clock = Self.clock(setAt: [5_000_000, 15_000_000, 115_000_000])
        // The system's clock goes slower by 400 ppm from now on, so that the line is ahead.
        let ticks = Self.ticks(at: 1_115_000_000)
        let ahead = try #require(Self.read(clock, at: ticks - 1))
        let system: UInt64 = 1_115_000_000 - 400_000
        ctr_tick_clock_set(&clock, ticks, system)
        let after = try #require(Self.read(clock, at: ticks))
        #expect(ahead > system + 300_000 && after >= ahead)
        let later = try #require(Self.read(clock, at: ticks + UInt64(0.999e9 / Self.tick)))
        let systemLater = Double(system) + 0.999e9 * 0.9996
        #expect(abs(Double(later) - systemLater) < 2000)
    }

    @Test("goes on from the system's clock when it was behind")
    func behind() throws {
        var clock = Self.clock(setAt: [5_000_000, 15_000_000, 115_000_000])
        let ticks = Self.ticks(at: 1_115_000_000)
        ctr_tick_clock_set(&clock, ticks, 1_115_000_000 + 400_000)
        #expect(Self.read(clock, at: ticks) == 1_115_400_000)
    }

    @Test("begins anew when the counter went another way than the clock, and gives up in the end")
    func noClock() throws {
        var clock = Self.clock(setAt: [5_000_000, 15_000_000, 115_000_000])
        // A second's sleep of the computer, which the counter has counted and the clock has not.
        var ticks = Self.ticks(at: 2_115_000_000)
        var time: UInt64 = 1_115_000_000
        ctr_tick_clock_set(&clock, ticks, time)
        #expect(Self.read(clock, at: ticks) == nil && clock.failures == 1)
        ticks += UInt64(20_000_000 / Self.tick)
        ctr_tick_clock_set(&clock, ticks, time + 20_000_000)
        let again = try #require(Self.read(clock, at: ticks))
        #expect(again == time + 20_000_000)
        for round in 1...40 {
            time += 100_000_000
            ticks += UInt64(100_000_000 / Self.tick) * UInt64(1 + round % 2)
            ctr_tick_clock_set(&clock, ticks, time)
        }
        #expect(clock.failures == 8)
        #expect(Self.read(clock, at: ticks) == nil)
    }

    @Test("begins anew when the counter is set back")
    func setBack() {
        var clock = Self.clock(setAt: [5_000_000, 15_000_000, 115_000_000])
        ctr_tick_clock_set(&clock, 77, 200_000_000)
        #expect(Self.read(clock, at: 78) == nil && clock.failures == 0)
        ctr_tick_clock_set(&clock, 77 + UInt64(20_000_000 / Self.tick), 220_000_000)
        #expect(Self.read(clock, at: 77 + UInt64(20_000_000 / Self.tick)) == 220_000_000)
    }

    @Test("the process's clock is the system's monotonic clock, whatever it is made of, and never goes back")
    func process() {
        var last: UInt64 = 0
        let end = ctr_monotonic_ns() + 300_000_000
        repeat {
            let before = ctr_monotonic_ns()
            let time = ctr_tick_ns()
            let after = ctr_monotonic_ns()
            // Far more than it is off by: it reads a line through the last readings.
            #expect(time + 20_000 >= before && time <= after + 20_000)
            #expect(time >= last || last - time < 20_000)
            last = time
        } while last < end
    }
}
