import Base
import Foundation
import LibraryKit
import TestKit
import Testing

@testable import SearchLanguage

@Suite("Time zones")
struct TimeRulesTests {
  static let zones = [
    "Africa/Cairo", "Africa/Casablanca", "Africa/Monrovia", "America/Argentina/San_Luis", "America/Havana",
    "America/New_York", "America/Nuuk", "America/Santiago", "America/Sao_Paulo", "America/St_Johns", "Antarctica/Troll",
    "Asia/Amman", "Asia/Beirut", "Asia/Gaza", "Asia/Kathmandu", "Asia/Pyongyang", "Asia/Tehran", "Asia/Tokyo",
    "Atlantic/Azores", "Australia/Lord_Howe", "Australia/Sydney", "Etc/GMT+12", "Europe/Berlin", "Europe/Chisinau",
    "Europe/Dublin", "Europe/London", "Europe/Moscow", "Pacific/Apia", "Pacific/Chatham", "Pacific/Kiritimati",
    "Pacific/Kwajalein", "UTC",
  ]

  /// Of each zone its first offset, and its changes from 1970 to 2100.
  private struct Known {
    let name: String
    let first: Int
    let changes: [(time: Int, offset: Int)]

    init(_ line: Substring) {
      let words = line.split(separator: " ")
      (name, first) = (String(words[0]), Int(words[1])!)
      changes = words.dropFirst(2).map { word in
        let parts = word.split(separator: ":").map { Int($0)! }
        return (parts[0], parts[1])
      }
    }
  }

  @Test("offsets around every change from 1970 to 2100 are those that Python's zoneinfo has")
  func offsets() throws {
    let run = shell(["/usr/bin/python3", GoldenQuery.folder + "/zone_changes.py"] + Self.zones)
    try #require(run.status == 0, "\(run.errors)")
    let known = run.output.split(separator: "\n").map(Known.init)
    #expect(known.map(\.name) == Self.zones)
    var tried = 0
    for zone in known {
      let rules = try TimeRules.zone(zone.name)
      var before = zone.first
      #expect(rules.offset(at: 0) == before)
      for change in zone.changes {
        for (time, offset) in [
          (change.time - 1, before), (change.time, change.offset), (change.time + 1, change.offset),
        ] {
          #expect(rules.offset(at: time) == offset, "\(zone.name), \(time)")
          tried += 1
        }
        before = change.offset
      }
      let listed = rules.changes(from: 0, to: 4_102_444_799)
      let real = zip([zone.first] + listed.map(\.offset), listed).filter { $0.0 != $0.1.offset }.map(\.1)
      #expect(real.map(\.time) == zone.changes.map(\.time), "\(zone.name)")
    }
    #expect(tried > 10_000)
  }

  @Test(
    "a time that clocks show leads to a moment at which they do, or one as much later as they skip", arguments: zones)
  func thereAndBack(name: String) throws {
    let rules = try TimeRules.zone(name)
    for change in rules.changes(from: 0, to: 4_102_444_799) {
      for distance in [-90_000, -3600, -1, 0, 900, 1800, 3599, 3600] {
        let moment = (change.time + distance) * 1000 + 250
        let shown = rules.local(moment)
        let first = rules.moment(day: shown.day, time: shown.time)
        // the first of those that show the same
        #expect(first <= moment && rules.local(first) == shown, "\(name), \(moment)")
        let early = rules.offset(at: change.time - 1)
        let skipped = (change.time + early) * 1000 + 600_000
        guard change.offset - early > 600 else { continue }
        let (day, time) = skipped.floored(by: 86_400_000)
        #expect(rules.moment(day: day, time: time) == change.time * 1000 + 600_000)
      }
    }
  }

  @Test("days follow each other without a hole or an overlap, and each moment is in its own", arguments: zones)
  func days(name: String) throws {
    let rules = try TimeRules.zone(name)
    for year in [1970, 1993, 2011, 2024, 2099] {
      let first = CivilDate(year: year, month: 1, day: 1).number
      for day in first..<first + 366 {
        let (start, end) = (rules.start(ofDay: day), rules.start(ofDay: day + 1))
        #expect(start <= end)
        guard start < end else { continue }
        #expect(rules.local(start).day == day && rules.local(start - 1).day != day, "\(name), day \(day)")
        #expect((20...28).contains((end - start) / 3_600_000), "\(name), day \(day)")
      }
    }
  }

  @Test("the calendar is that of Foundation, and there and back")
  func calendar() {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = TimeZone(secondsFromGMT: 0)!
    for number in stride(from: -40_000, through: 60_000, by: 17) {
      let date = CivilDate(number: number)
      let parts = calendar.dateComponents(
        [.year, .month, .day, .weekday], from: Date(timeIntervalSince1970: Double(number) * 86_400))
      #expect(date.year == parts.year && date.month == parts.month && date.day == parts.day && date.number == number)
      #expect((CivilDate.weekday(of: number) + 1) % 7 + 1 == parts.weekday)
    }
  }

  @Test("rules of POSIX: weekdays, days of the year, summer all year, less than standard time")
  func rules() throws {
    let lasting = try #require(YearlyRule(Array("XXX3EDT4,0/0,J365/23".utf8)))
    for time in stride(from: 0, to: 4_102_444_800, by: 86_400 * 13 + 3600) {
      #expect(lasting.offset(at: time) == -14_400)
    }
    let dublin = try #require(YearlyRule(Array("IST-1GMT0,M10.5.0,M3.5.0/1".utf8)))
    #expect(dublin.offset(at: 1_704_067_200) == 0 && dublin.offset(at: 1_719_792_000) == 3600)
    let counted = try #require(YearlyRule(Array("<+03>-3<+04>,J60,300/-24:30:15".utf8)))
    let march = CivilDate(year: 2024, month: 3, day: 1).number * 86_400 - 10_800 + 7200
    #expect(counted.offset(at: march) == 14_400 && counted.offset(at: march - 1) == 10_800)
    let end = CivilDate(year: 2024, month: 10, day: 27).number * 86_400 - 14_400 - (24 * 3600 + 1815)
    #expect(counted.offset(at: end) == 10_800 && counted.offset(at: end - 1) == 14_400)
    for wrong in [
      "", "X3", "XXX", "XXX3X", "XXX25", "XXX3YYY", "XXX3YYY,M13.1.0,M3.5.0", "XXX3YYY,M3.6.0,M3.5.0",
      "XXX3YYY,M3.5.7,M3.5.0",
      "XXX3YYY,J0,J1", "XXX3YYY,366,1", "XXX3YYY,1", "XXX3YYY,1,2,3", "<XXX3", "XXX3YYY,1/168,2", "XXX3:60",
    ] {
      #expect(YearlyRule(Array(wrong.utf8)) == nil, "\(wrong)")
    }
  }
}

@Suite("Files of time zones")
struct TZifTests {
  private func bytes(_ name: String) throws -> [UInt8] { try FileSystem.read("/usr/share/zoneinfo/\(name)") }

  @Test("bytes that are cut or changed anywhere are refused or read, and never crash")
  func damaged() throws {
    var dice = SeededRandom(8)
    for name in ["Europe/Berlin", "UTC", "Australia/Lord_Howe"] {
      let whole = try bytes(name)
      for length in 0..<whole.count {
        #expect(throws: Fault.self) { try TimeRules(tzif: Array(whole[..<length]), name: name) }
      }
      for _ in 0..<3000 {
        var changed = whole
        for _ in 0...Int.random(in: 0...3, using: &dice) {
          changed[Int.random(in: 0..<min(changed.count, 120), using: &dice)] = UInt8.random(in: 0...255, using: &dice)
          changed[Int.random(in: 0..<changed.count, using: &dice)] = UInt8.random(in: 0...255, using: &dice)
        }
        guard let rules = try? TimeRules(tzif: changed, name: name) else { continue }
        for time in [Int.min, -1 << 40, 0, 1 << 31, 1 << 40, Int.max] { _ = rules.offset(at: time) }
        for day in [-700_000, 0, 20_000, 2_900_000] {
          _ = (rules.start(ofDay: day), rules.moment(day: day, time: 9_000_000))
        }
        _ = rules.local(.max)
        _ = rules.local(.min)
      }
    }
  }

  @Test("version 1 has a table of 32 bits and no rule")
  func first() throws {
    var file = Array("TZif".utf8) + [UInt8](repeating: 0, count: 16)
    for count: UInt8 in [0, 0, 0, 1, 2, 8] { file += [0, 0, 0, count] }
    file += [0, 0, 0x0e, 0x10, 1] + [0, 0, 0, 0, 0, 0] + [0, 0, 0x0e, 0x10, 1, 4] + Array("AAA\0BBB\0".utf8)
    let rules = try TimeRules(tzif: file, name: "made")
    #expect(rules.offset(at: 3599) == 0 && rules.offset(at: 3600) == 3600 && rules.offset(at: 1 << 40) == 3600)
    // a type that is not there
    file[48] = 2
    #expect(throws: Fault.self) { try TimeRules(tzif: file, name: "made") }
  }

  @Test("a zone that is written in other letters is told as it is called")
  func otherLetters() throws {
    for (written, name) in [
      ("europe/berlin", "Europe/Berlin"), ("UTC+", nil), ("america/NEW_york", "America/New_York"),
    ] {
      let fault = #expect(throws: Fault.self) { try TimeRules.named(written) }
      if let name { #expect(fault?.message.contains("did you mean '\(name)'?") == true, "\(written)") }
    }
  }

  @Test("names lead nowhere but into the folder")
  func names() throws {
    let folder = TemporaryFolder()
    try FileSystem.write(try bytes("UTC"), to: folder.file("secret"))
    try FileSystem.makeFolder(folder.file("zones"))
    try FileSystem.write(try bytes("Asia/Tokyo"), to: folder.file("zones/Here"))
    #expect(try TimeRules.zone("Here", in: folder.file("zones")).offset(at: 0) == 32_400)
    for name in [
      "../secret", "/etc/passwd", "", ".", "..", "Here/", "/Here", "a//b", "Here\0", "H\u{e9}re", "zones/../Here",
    ] {
      #expect(throws: Fault.self, "\(name)") { try TimeRules.zone(name, in: folder.file("zones")) }
    }
    #expect { try TimeRules.zone("Hare", in: folder.file("zones")) } throws: {
      ($0 as? Fault)?.message.contains("did you mean 'Here'?") == true
    }
    #expect { try TimeRules.zone("Here", in: folder.file("none")) } throws: {
      ($0 as? Fault)?.message.contains("there are no time zones in") == true
    }
    for name in ["Europe", "tzdata.zi", "zone.tab"] { #expect(throws: Fault.self) { try TimeRules.zone(name) } }
  }

  @Test("distances from UTC")
  func distances() throws {
    #expect(
      try TimeRules.named("+05:30") == .offset(seconds: 19_800) && TimeRules.offset(seconds: 19_800).name == "+05:30")
    #expect(try TimeRules.named("-0800").offset(at: 0) == -28_800 && TimeRules.named("-08").name == "-08:00")
    #expect(try TimeRules.named("Z") == .utc && TimeRules.named("UTC") == .utc)
    for wrong in ["+", "+5", "+05:3", "+19:00", "+05:60", "+05:30x", "-", "+005"] {
      #expect(throws: Fault.self, "\(wrong)") { try TimeRules.named(wrong) }
    }
  }
}
