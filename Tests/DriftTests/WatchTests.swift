import Base
import Predictions
import TestKit
import Testing

@testable import Drift

/// What is told of a stream over days.
struct WatchTests {
  private static let (hour, day) = (3600.0, 86_400.0)
  /// A midnight.
  private static let start = 1_700_006_400.0

  /// As usual, but for fewer pictures, so that days are short.
  private static var settings: DriftSettings {
    var settings = DriftSettings()
    (settings.every, settings.evidence) = (12, 50)
    return settings
  }

  /// After a day of learning.
  private func learnt(_ street: inout Street, _ settings: DriftSettings = WatchTests.settings) -> DriftBook {
    var book = DriftBook(settings, since: Self.start)
    let told = book.watch(&street, from: Self.start, to: Self.start + settings.learn + 1)
    #expect(told.isEmpty && book.pictures.learnt == 1 && book.answers[0].watch.learnt == 1)
    return book
  }

  @Test(
    "What happens to a camera is told within four windows, and that it is over too", arguments: Street.Trouble.allCases)
  func troubles(_ trouble: Street.Trouble) throws {
    var street = Street(7)
    var book = learnt(&street)
    let noon = Self.start + Self.day + 12 * Self.hour
    let before = book.watch(&street, from: Self.start + Self.day + 12, to: noon)
    #expect(before.isEmpty)
    street.trouble = trouble
    let began = book.watch(&street, from: noon, to: noon + 4 * book.settings.window + 12)
    let first = try #require(began.first)
    #expect(first.event.change.isOutside)
    let measures = Set(began.map(\.event.change.measure))
    #expect(measures.isSuperset(of: Self.expected(trouble)), "\(measures)")
    #expect(book.problem != nil && book.standing == .outside)
    street.trouble = nil
    let ended = book.watch(&street, from: noon + 4 * book.settings.window + 12, to: noon + 14 * book.settings.window)
    #expect(ended.allSatisfy { !$0.event.change.isOutside })
    #expect(Set(ended.map(\.event.change.measure)) == measures)
    #expect(book.problem == nil)
  }

  private static func expected(_ trouble: Street.Trouble) -> Set<DriftMeasure> {
    switch trouble {
    case .labelsVanish, .unknownThings: [.labels]
    case .scoresFall, .scoresAreNoNumbers: [.scores]
    case .cameraTurned: [.areas, .saturation]
    case .fog: [.contrast, .sharpness]
    case .night: [.brightness, .saturation]
    case .lensCovered: [.brightness, .contrast, .saturation, .sharpness, .objects]
    }
  }

  @Test("Streets of two days after the first are what they were: nothing is told", arguments: [1.0, 6, 20])
  func stationary(busyness: Double) {
    for seed in 100..<104 as Range<UInt64> {
      var street = Street(seed)
      street.busyness = busyness
      var book = learnt(&street)
      let told = book.watch(&street, from: Self.start + Self.day + 12, to: Self.start + 3 * Self.day)
      #expect(told.isEmpty, "\(seed): \(told)")
      #expect(book.standing == .within && book.problem == nil)
    }
  }

  @Test("Night is no drift where hours of the day are compared")
  func rhythm() {
    var settings = Self.settings
    (settings.isDaily, settings.learn) = (false, 4 * Self.hour)
    var street = Street(3)
    let noon = Self.start + 12 * Self.hour
    var book = DriftBook(settings, since: noon)
    _ = book.watch(&street, from: noon - 2 * Self.hour, to: noon + 2 * Self.hour + 13)
    #expect(book.pictures.learnt == 1)
    let told = book.watch(&street, from: noon + 2 * Self.hour + 24, to: noon + 12 * Self.hour)
    #expect(told.contains { $0.event.change.measure == .brightness })
    // The same evening, beside that of the day before.
    var again = Street(3)
    var daily = learnt(&again)
    let nothing = daily.watch(&again, from: Self.start + Self.day + 12, to: Self.start + 2 * Self.day)
    #expect(nothing.isEmpty)
  }

  @Test("Few objects are not enough to say what they are, and are a number all the same")
  func quiet() {
    var street = Street(5)
    street.busyness = 0.02
    var book = learnt(&street)
    _ = book.watch(&street, from: Self.start + Self.day + 12, to: Self.start + Self.day + 3 * Self.hour)
    let watch = book.answers[0].watch
    #expect(watch.standing(.labels) == .few && watch.standing(.scores) == .few && watch.standing(.objects) == .within)
    #expect(book.problem == nil)
    street.busyness = 3
    let told = book.watch(
      &street, from: Self.start + Self.day + 3 * Self.hour, to: Self.start + Self.day + 4 * Self.hour + 12)
    #expect(Set(told.map(\.event.change.measure)) == [.objects])
    // Of what was not seen while it was learnt nothing can be said.
    #expect(book.answers[0].watch.standing(.labels) == .few)
  }

  @Test("A stream without pictures drifts nowhere, however long that lasts")
  func silent() {
    var street = Street(9)
    var book = learnt(&street)
    let told = book.advance(to: Self.start + 30 * Self.day)
    #expect(told.isEmpty && book.problem == nil)
    let empty = DriftBook(Self.settings, since: Self.start)
    #expect(empty.standing == .learning && empty.problem == nil && empty.pictures.learnt == 0)
  }

  @Test("Another version of a network learns its own reference, and says which was there before; pictures go on")
  func swapped() {
    var street = Street(11)
    var book = learnt(&street)
    let other = DriftBook.Network(name: "street", model: "net@sha256:2", version: "2", countsObjects: true)
    let moment = Self.start + Self.day + 12
    let told = book.watch(&street, from: moment, to: moment + Self.hour, network: other)
    #expect(told.isEmpty)
    #expect(book.answers.count == 1 && book.answers[0].before == "net@sha256:1")
    #expect(book.answers[0].watch.since == moment && book.answers[0].watch.learnt < 0.1)
    #expect(book.answers[0].watch.standing(.labels) == .learning && book.pictures.standing(.brightness) == .within)
  }

  @Test("Whoever was stopped and begun again from what was kept tells the same")
  func restarted() throws {
    var (street, other) = (Street(13), Street(13))
    var whole = DriftBook(Self.settings, since: Self.start)
    var cut = whole
    var moment = Self.start
    let window = Self.settings.window
    for part in [3, 50, 45, 2, 3, 1, 2] {
      if part == 2 { (street.trouble, other.trouble) = (.fog, .fog) }
      let end = moment + Double(part) * window
      let told = whole.watch(&street, from: moment, to: end)
      let toldToo = cut.watch(&other, from: moment, to: end)
      #expect(told.map(\.event.change.measure) == toldToo.map(\.event.change.measure))
      // A window is over by the first picture behind it: kept is then all that is over.
      let more = whole.advance(to: end)
      let moreToo = cut.advance(to: end)
      #expect(moreToo.map(\.change.measure) == more.map(\.change.measure))
      cut = try #require(try DriftBook(cut.json(source: "a"), Self.settings, source: "a"))
      #expect(cut.problem == whole.problem && cut.standing == whole.standing)
      #expect(cut.pictures.blocks == whole.pictures.blocks && cut.pictures.now == whole.pictures.now)
      moment = end
    }
    #expect(whole.problem != nil)
    var settings = Self.settings
    settings.window = 600
    #expect(try DriftBook(cut.json(source: "a"), settings, source: "a") == nil)
    #expect(try DriftBook(cut.json(source: "a"), Self.settings, source: "b") == nil)
    #expect(throws: Fault.self) { try DriftBook(Array("{}".utf8), Self.settings, source: "a") }
  }

  @Test("A bad hour in the reference is told as what the reference itself reached, and nothing smaller is called drift")
  func badReference() throws {
    var street = Street(17)
    var book = DriftBook(Self.settings, since: Self.start)
    let noon = Self.start + 12 * Self.hour
    _ = book.watch(&street, from: Self.start, to: noon)
    street.trouble = .fog
    _ = book.watch(&street, from: noon, to: noon + Self.hour)
    street.trouble = nil
    _ = book.watch(&street, from: noon + Self.hour, to: Self.start + Self.day + 12)
    let unrest = try #require(book.pictures.reference?.unrest[.sharpness])
    #expect(unrest.most > 1 && book.pictures.thresholds(.sharpness).enter == 1.25 * unrest.most)
    var clean = Street(17)
    let other = try #require(learnt(&clean).pictures.reference?.unrest[.sharpness])
    #expect(other.most < 0.25)
  }

  @Test("An hour that was not seen while it was learnt is learnt when it comes, and judged from the next day on")
  func late() {
    var street = Street(19)
    var book = DriftBook(Self.settings, since: Self.start)
    // Two days, of which the nights are without pictures.
    for day in 0..<2 {
      let morning = Self.start + Double(day) * Self.day + 6 * Self.hour
      _ = book.watch(&street, from: morning, to: morning + 12 * Self.hour + 12)
    }
    _ = book.advance(to: Self.start + 2 * Self.day)
    #expect(book.pictures.learnt == 1)
    let night = Self.start + 2 * Self.day + Self.hour
    let told = book.watch(&street, from: night, to: night + Self.hour + 12)
    #expect(told.isEmpty && book.pictures.standing(.brightness) == .few)
    let next = book.watch(&street, from: night + Self.day, to: night + Self.day + Self.hour)
    #expect(next.isEmpty && book.pictures.standing(.brightness) == .within)
  }

  @Test("A clock that is set back a day loses no picture and tells nothing")
  func clock() {
    var street = Street(23)
    var book = learnt(&street)
    let moment = Self.start + Self.day + 2 * Self.hour
    _ = book.watch(&street, from: moment, to: moment + 600)
    // What the street has on it is told by the clock too.
    var again = Street(23)
    let told = book.watch(&again, from: moment - Self.day, to: moment - Self.day + 3 * Self.hour)
    #expect(told.isEmpty && book.problem == nil)
  }

  @Test("Settings that cannot work are refused, and say how")
  func refused() {
    let bad: [(inout DriftSettings) -> Void] = [
      { $0.every = 0 }, { $0.window = 5 }, { $0.learn = 900 }, { $0.learn = 1e9 }, { $0.learn = 7200 },
      { $0.leave = 0.3 }, { $0.windows = 0 }, { $0.evidence = 1 },
    ]
    for change in bad {
      var settings = DriftSettings()
      change(&settings)
      #expect(throws: Fault.self) { try settings.check() }
    }
    #expect(throws: Never.self) { try DriftSettings().check() }
  }
}
