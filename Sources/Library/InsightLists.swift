internal import Base
internal import Insights
internal import JSON

// Shots and breaks as an analysis keeps them: what their `write(into:)` wrote, more members or not.

extension ShotList {
  private enum Key: String, CaseIterable { case shots, black }

  init(_ value: JSONValue) throws(Fault) {
    self.init()
    let fields = try value.fields(Key.self, others: .ignored)
    for shot in try fields.required(.shots).elements() { shots.append(try Shot(shot)) }
    for span in try fields.required(.black).elements() {
      let range = try FrameRange(span)
      black.append(BlackSpan(start: range.start, end: range.end, startFrame: range.first, endFrame: range.last))
    }
  }
}

extension Shot {
  private enum Key: String, CaseIterable { case transitionIn }
  private enum TransitionKey: String, CaseIterable { case kind, from, to, score }

  fileprivate init(_ value: JSONValue) throws(Fault) {
    let range = try FrameRange(value)
    self.init(start: range.start, end: range.end, startFrame: range.first, endFrame: range.last)
    guard let told = try value.fields(Key.self, others: .ignored).given(.transitionIn) else { return }
    let fields = try told.fields(TransitionKey.self, others: .ignored)
    let word = try fields.required(.kind)
    guard let kind = ShotTransition.Kind(rawValue: try word.string()) else {
      throw word.fault("this is no kind of transition")
    }
    transitionIn = ShotTransition(
      kind: kind, from: try fields.required(.from).integer(), to: try fields.required(.to).integer(),
      score: try fields.required(.score).number())
  }
}

/// What shots and black stretches have in common.
private struct FrameRange {
  private enum Key: String, CaseIterable { case start, end, startFrame, endFrame }

  let (start, end): (Double, Double)
  let (first, last): (Int, Int)

  init(_ value: JSONValue) throws(Fault) {
    let fields = try value.fields(Key.self, others: .ignored)
    (start, end) = (try fields.required(.start).number(), try fields.required(.end).number())
    (first, last) = (try fields.required(.startFrame).integer(), try fields.required(.endFrame).integer())
    // Whoever reads them makes ranges of them.
    guard start <= end, Self.numbers.contains(first), Self.numbers.contains(last) else {
      throw value.fault("no frames of a film are so")
    }
  }

  private static let numbers = -1...1 << 40
}

extension BreakList {
  private enum Key: String, CaseIterable { case breaks }

  init(_ value: JSONValue) throws(Fault) {
    self.init()
    let fields = try value.fields(Key.self, others: .ignored)
    for one in try fields.required(.breaks).elements() { breaks.append(try StoryBreak(one)) }
  }
}

extension StoryBreak {
  private enum Key: String, CaseIterable { case time, frame, score, rank, evidence }
  private enum EvidenceKey: String, CaseIterable { case visual, silence, black, shot }

  fileprivate init(_ value: JSONValue) throws(Fault) {
    let fields = try value.fields(Key.self, others: .ignored)
    let told = try fields.required(.evidence).fields(EvidenceKey.self, others: .ignored)
    let evidence = BreakEvidence(
      visual: try told.given(.visual)?.number(),
      silence: try told.given(.silence)?.number(),
      black: try told.required(.black).number(), shot: try told.required(.shot).number())
    self.init(
      time: try fields.required(.time).number(), frame: try fields.required(.frame).integer(),
      score: try fields.required(.score).number(), rank: try fields.required(.rank).integer(), evidence: evidence)
  }
}
