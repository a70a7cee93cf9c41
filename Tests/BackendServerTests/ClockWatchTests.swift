// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import BackendServer

@Suite("a clock that leaps")
struct ClockWatchTests {
    private let hour: UInt64 = 3_600_000_000_000
    private let start: UInt64 = 1_800_000_000_000_000_000

    @Test("is not believed until it has been steady for an hour of looks; small corrections are nothing")
    func leap() {
        var watch = ClockWatch()
        var steady = Duration.zero
        var wall = start
        func look(leap: Int64 = 0) -> Bool {
            steady += .seconds(60)
            wall = UInt64(Int64(wall) + 60_000_000_000 + leap)
            return watch.believes(wall: wall, steady: steady)
        }
        #expect(look())
        #expect(look(leap: Int64(hour) - 1_000_000_000))
        #expect(look(leap: -1_000_000_000))
        #expect(!look(leap: 2 * 365 * 24 * Int64(hour)))
        for _ in 1..<ClockWatch.looksUntilBelieved { #expect(!look()) }
        #expect(look())
        #expect(!look(leap: -2 * Int64(hour)))
    }

    @Test("a long time between two looks is no leap: a machine that slept")
    func sleep() {
        var watch = ClockWatch()
        let first = watch.believes(wall: start, steady: .zero)
        let afterSleep = watch.believes(wall: start + 48 * hour, steady: .seconds(48 * 3_600))
        #expect(first && afterSleep)
    }
}
