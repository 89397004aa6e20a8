import Base
import Catalog
import Items
import Library
import LibraryKit
import Objects
import Predictions
import SearchLanguage
import Store
import TestKit

@testable import Search

/// A library with films and streams whose moments are known, because they were made for it.
final class SearchFixture {
  let ground: Ground
  let library: Library
  var desk: MomentDesk { MomentDesk(library) }
  /// What stands there, by the makers' own account.
  var known: [Moment] = []
  private(set) var assets: [Asset] = []
  private var random: SeededRandom

  static let start = 1_774_000_000_000
  static let labels = ["person", "car", "forklift", "cat", "Äpfel", "truck"]
  static let zones = ["dock", "gate", "yard"]
  static let colours = ["red", "blue", "white"]
  static let texts = ["Summer sale now", "SALE", "no entry", "Straße 12"]

  init(_ parts: Parts, seed: UInt64) throws {
    ground = try Ground(parts)
    library = try ground.library(clock: { Self.start })
    random = SeededRandom(seed)
    for client in ["acme", "bolt"] { try library.admit(client) }
  }

  func pick<Element>(_ elements: [Element]) -> Element { elements[Int.random(in: elements.indices, using: &random)] }
  func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
  func chance(_ share: Double) -> Bool { Double.random(in: 0..<1, using: &random) < share }

  func addAsset(client: String = "acme") throws -> Asset {
    let name = "film-\(assets.count)"
    let file = ground.folder.file("in-\(name).bin")
    try FileSystem.write(Array(name.utf8), to: file)
    let draft = AssetDraft(group: AssetGroup(client: client), name: "\(name).mp4")
    let asset = try library.add(file: file, draft, scope: .all, examiner: AnyExaminer(seconds: 400)).asset
    assets.append(asset)
    return asset
  }

  /// Publishes an analysis of random sights, in place of the series' older one; frames are a second apart.
  func analyse(_ asset: Asset, series: String = "p", count: Int = 8) throws {
    var sights: [Moment] = []
    for place in 0..<count { sights.append(sight(asset, series, place)) }
    try publish(asset, series, sights)
    known.removeAll { $0.source == .asset(asset.id) && $0.series == series }
    known += sights
  }

  /// Each in a stretch of its own of twenty seconds, so that none of one label goes on where another ended.
  private func sight(_ asset: Asset, _ series: String, _ place: Int) -> Moment {
    let first = place * 20 + number(0...5)
    let last = first + number(0...10)
    var moment = Moment(
      id: "?", client: asset.group.client, source: .asset(asset.id), kind: .sight, from: asset.added + first * 1000,
      to: asset.added + last * 1000, series: series)
    moment.offset = first * 1000
    if chance(0.15) {
      (moment.text, moment.score) = (pick(Self.texts), 0.5)
      return moment
    }
    moment.label = pick(Self.labels)
    moment.score = Float(number(1...8)) / 8
    if chance(0.5) { moment.track = number(1...3) + 10 * place }
    if chance(0.3) { moment.traits = [pick(Self.colours)] }
    return moment
  }

  private func publish(_ asset: Asset, _ series: String, _ sights: [Moment]) throws {
    let digest = "sha256:" + String(repeating: "0", count: 50) + String(number(1_000_000...9_999_999)) + "0000000"
    let head = AnalysisWriter.Head(
      pipeline: digest, series: series, models: [], worker: "here", engine: "none", version: "0")
    var writer = try AnalysisWriter(library, asset, head)
    for second in 0..<(sights.count * 20) {
      var predictions: [Prediction] = []
      for one in sights {
        let (first, last) = (one.offset! / 1000, (one.offset! + one.to - one.from) / 1000)
        guard (first...last).contains(second) else { continue }
        var prediction = Prediction(
          kind: one.text == nil ? .detection : .text, label: one.label, score: second == first ? one.score : 0.01)
        (prediction.track, prediction.text) = (one.track, one.text)
        predictions.append(prediction)
        for trait in one.traits {
          var closer = Prediction(kind: .classification, label: trait, score: 0.9)
          (closer.parent, closer.step) = (predictions.count - 1, 1)
          predictions.append(closer)
        }
      }
      let stamp = FrameStamp(file: asset.name, index: second, time: Double(second))
      try writer.add(stamp, predictions) { _ in "m@sha256:0" }
    }
    let made = try writer.finish(framesAnalyzed: 400, corruptFrames: 0, frameIndex: nil)
    try library.publish(made, replaces: true)
  }

  func addEvent(_ stream: String, client: String = "acme", isOpen: Bool = false) throws -> StreamEvent {
    let from = Self.start + number(0...3_600_000)
    var event = StreamEvent(
      id: ULID(milliseconds: from, using: &random), client: client, stream: stream, rule: pick(["enter", "stay"]),
      from: from, pipeline: "sha256:1")
    (event.label, event.score) = (pick(Self.labels), Float(number(1...8)) / 8)
    event.zone = chance(0.7) ? pick(Self.zones) : nil
    event.tracks = chance(0.6) ? [number(1...4)] : [1, 2]
    event.to = from + number(0...20_000)
    if !isOpen { (event.state, event.ending) = (.over, .over) }
    try library.keep(event, picture: nil)
    known.append(Moment(event))
    return event
  }

  /// What a search finds, page after page.
  func find(
    _ text: String, client: String = "acme", scope: ClientScope = .all, limit: Int = 7
  ) throws -> [[Moment]] {
    let query = try SearchQuery(parsing: text, at: Self.start, in: .utc)
    var (found, token) = ([[Moment]](), String?.none)
    repeat {
      let answer = try desk.search(query, client: client, scope: scope, limit: limit, after: token)
      found += answer.found
      token = answer.next
    } while token != nil
    return found
  }

  /// What a look at everything finds, by the makers' account: the first moments of each.
  func scan(_ text: String, client: String = "acme") throws -> Set<Words> {
    let query = try SearchQuery(parsing: text, at: Self.start, in: .utc)
    let own = known.filter { $0.client == client }
    return Set(own.filter { Self.begins($0, query.steps[...], own, []) }.map(Words.init))
  }

  private static func begins(
    _ moment: Moment, _ steps: ArraySlice<SearchQuery.Step>, _ all: [Moment], _ chain: [Moment]
  ) -> Bool {
    guard let step = steps.first, step.condition.matches(moment) else { return steps.isEmpty }
    guard let link = steps.dropFirst().first?.link else { return true }
    let chain = chain + [moment]
    return all.contains { next in
      guard next.source == moment.source, !chain.map(Words.init).contains(Words(next)) else { return false }
      let isSame = !link.sameTrack || (next.track != nil && next.track == moment.track && next.series == moment.series)
      let isNear =
        switch link.order {
        case .then: next.from >= moment.from && next.from <= moment.to + link.within
        case .near: next.from <= moment.to + link.within && moment.from <= next.to + link.within
        }
      return isSame && isNear && begins(next, steps.dropFirst(), all, chain)
    }
  }
}

/// A moment by what it says, whatever it is numbered.
struct Words: Hashable, CustomStringConvertible {
  let description: String

  init(_ moment: Moment) {
    let times = "\(moment.from - SearchFixture.start)+\(moment.to - moment.from)"
    let names = [moment.label, moment.zone, moment.rule, moment.text].map { $0 ?? "-" }.joined(separator: "|")
    let numbers = "\(moment.score.map { "\($0)" } ?? "-") \(moment.track ?? -1) \(moment.traits) \(moment.isOpen)"
    description = "\(moment.client) \(moment.source.key) \(moment.series) \(times) \(names) \(numbers)"
  }
}
