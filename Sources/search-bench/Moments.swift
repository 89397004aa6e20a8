import Base
import Catalog
import Glibc
import Items
import Store

/// Deterministic, so that every size holds the smaller ones.
func mixed(_ number: Int, _ salt: UInt64) -> Int {
  var value = UInt64(number) &* 0x9e37_79b9_7f4a_7c15 ^ salt &* 0xbf58_476d_1ce4_e5b9
  value = (value ^ value >> 31) &* 0x94d0_49bb_1331_11eb
  return Int((value ^ value >> 29) >> 33)
}

let labels = ["person", "car", "truck", "dog", "cat", "bicycle", "bus", "forklift", "bag", "chair"]
let zones = ["dock", "gate", "yard", "aisle", "ramp"]
let (start, span) = (1_700_000_000_000, 365 * 86_400_000)

func time(_ number: Int) -> Int { start + mixed(number, 1) % span }

/// Of a year, whatever the size: the more there are, the closer they stand.
func moment(_ number: Int) -> Moment {
  let from = time(number)
  var random = SplitMix(state: UInt64(number))
  var moment = Moment(
    id: ULID(milliseconds: from, using: &random).text, client: "client-\(mixed(number, 2) % 20)",
    source: .stream("cam-\(mixed(number, 3) % 50)"), kind: .event, from: from, to: from + mixed(number, 4) % 20_000,
    series: "sha256:0")
  moment.label = labels[mixed(number, 5) % labels.count]
  moment.zone = zones[mixed(number, 6) % zones.count]
  moment.score = Float(mixed(number, 7) % 1000) / 1000
  moment.track = mixed(number, 8) % 50
  if number % 50 == 0 { moment.text = "plate \(mixed(number, 9) % 5000) way out" }
  return moment
}

struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    let value = (state ^ state >> 30) &* 0xbf58_476d_1ce4_e5b9
    return (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
  }
}

/// Written at once.
func say(_ text: String) {
  _ = Glibc.write(1, text + "\n", text.utf8.count + 1)
}

/// Searches whose answers hold as much at every size, each at a moment of its own.
let searches: [(name: String, text: @Sendable (Int) -> String)] = [
  ("a label, the newest 50", { _ in "person" }),
  ("a label deep inside", { "person before:\(day($0))" }),
  ("a zone and a label", { "zone:dock car before:\(day($0))" }),
  ("a label in a stream, with a filter", { "stream:cam-\($0 % 50) dog score:>.5 before:\(day($0))" }),
  ("either of two labels, not in a zone", { "label:bus,cat -zone:gate before:\(day($0))" }),
  ("a pattern of labels", { "b* before:\(day($0))" }),
  ("two words that were read", { "text:\"plate \($0 % 5000)\"" }),
]

func day(_ number: Int) -> String {
  CompositeKey.time(milliseconds: start + span / 4 + mixed(number, 20) % (span / 2))
}
