import Base
import Foundation
import TestKit
import Testing

@testable import Insights

/// Speech from probabilities, beside what Silero's own `get_speech_timestamps_from_probs` (silero-vad 6.2.3) says of the same.
struct SpeechTests {
  /// Seed of a walk, whether settings are other than the usual ones, and samples of begin and end.
  static let known: [(seed: Int, isOther: Bool, spans: [[Int]])] = [
    (
      1, false,
      [
        [20512, 28128], [39968, 50656], [54304, 70624], [82464, 103904], [121376, 137184], [140320, 147424],
        [162336, 174560],
      ]
    ),
    (
      1, true,
      [
        [4544, 11328], [19392, 29760], [32192, 37952], [39360, 52800], [53184, 72256], [88512, 106048],
        [121280, 138304], [140224, 148544], [162240, 175680],
      ]
    ),
    (
      2, false,
      [
        [0, 6624], [39456, 51680], [57376, 67040], [72224, 77792], [95264, 117728], [128032, 133600],
        [139296, 163808], [173088, 204800],
      ]
    ),
    (
      2, true,
      [
        [0, 7744], [39872, 53824], [57792, 66624], [72640, 79936], [82880, 88640], [96192, 110656],
        [
          120256,
          127040,
        ], [127424, 134720], [138176, 148544], [149440, 164928], [175552, 204800],
      ]
    ),
    (
      3, false,
      [
        [0, 9184], [21024, 30688], [35360, 55776], [74784, 81888], [104480, 119776], [121376, 134112],
        [181792, 204800],
      ]
    ),
    (
      3, true,
      [
        [0, 10816], [20416, 32832], [36288, 58432], [74688, 79936], [90560, 96832], [103872, 121088],
        [121088, 135744], [148928, 153664], [159168, 164928], [180672, 204800],
      ]
    ),
    (
      4, false,
      [
        [10272, 26080], [31264, 75744], [82464, 102368], [126496, 134112], [139296, 163296],
        [
          177696,
          188896,
        ], [194592, 204800],
      ]
    ),
    (
      4, true,
      [
        [9152, 28224], [33728, 76864], [88512, 103488], [125376, 135232], [139712, 164928], [177088, 188480],
        [197568, 204800],
      ]
    ),
    (
      5, false,
      [[0, 27104], [39968, 49120], [54304, 116192], [125472, 135136], [137760, 143840], [165920, 173024]]
    ),
    (
      5, true,
      [[0, 28736], [39872, 54016], [54016, 117824], [125376, 145472], [166848, 174144], [182720, 187456]]
    ),
  ]

  /// Four hundred probabilities that wander by at most .35 from one to the next.
  private func walk(_ seed: Int) -> [Float] {
    var (state, value) = (seed, 50)
    return (0..<400).map { _ in
      state = (state * 1_103_515_245 + 12_345) % (1 << 31)
      value = min(100, max(0, value + (state >> 16) % 71 - 35))
      return Float(Double(value) / 100)
    }
  }

  private let other = SpeechSegments.Settings(
    threshold: 0.7, release: 0.2, minimumSpeech: 0.064, minimumSilence: 0.032, padding: 0.1)

  @Test(arguments: known.indices)
  func `begins and ends are those of the network's own rule, to the sample`(_ index: Int) {
    let known = Self.known[index]
    for first in [0, 22_400, -500] {
      var segments = SpeechSegments(known.isOther ? other : .init(), first: first)
      for probability in walk(known.seed) { segments.add(probability) }
      let found = segments.finish(end: first + 400 * 512).spans
      #expect(found.map { [$0.samples.lowerBound - first, $0.samples.upperBound - first] } == known.spans)
    }
  }

  @Test func `speech that is too short goes, and one that lasts to the end ends there`() {
    var segments = SpeechSegments(first: 0)
    for probability in [0.9, 0.9, 0.9, 0, 0, 0, 0, 0, 0] + Array(repeating: Float(0.9), count: 10) {
      segments.add(probability)
    }
    let spans = segments.finish(end: 19 * 512 - 100).spans
    #expect(spans.map(\.samples) == [9 * 512 - 480..<19 * 512 - 100])
  }

  @Test func `without sound nobody speaks`() {
    var segments = SpeechSegments(first: 77)
    #expect(segments.finish(end: 77).spans.isEmpty)
  }

  @Test func `spans are told in seconds of the film`() {
    var segments = SpeechSegments(.init(padding: 0), first: 16_000)
    for _ in 0..<20 { segments.add(0.8) }
    var json = JSONWriter()
    segments.finish(end: 16_000 + 20 * 512).write(into: &json)
    #expect(
      String(decoding: json.bytes, as: UTF8.self)
        == #"{"threshold":0.5,"minimumSpeech":0.25,"minimumSilence":0.1,"spans":[{"start":1,"end":1.64}]}"#)
  }
}

/// Beside golden segments of a minute of real speech.
@Suite(.enabled(if: AnalyserData.isThere, Comment(rawValue: AnalyserData.whyNot)))
struct GoldenSpeechTests {
  private struct Golden: Decodable {
    var probs: [Float]
    var segments_s: [[Double]]
  }

  private func golden() throws -> Golden {
    let data = try Data(contentsOf: URL(filePath: AnalyserData.path("golden/silero_test.json")))
    return try JSONDecoder().decode(Golden.self, from: data)
  }

  private func spans(_ golden: Golden, _ settings: SpeechSegments.Settings) -> [SoundSpan] {
    var segments = SpeechSegments(settings, first: 0)
    for probability in golden.probs { segments.add(probability) }
    return segments.finish(end: 60 * 16_000).spans
  }

  /// Those were made by a simpler rule: three parts of silence part two sentences, nothing is padded, and an end is behind the last part at
  /// the first threshold, so it may be a part of 32 ms earlier than here.
  @Test func `with their settings all golden segments are found`() throws {
    let golden = try golden()
    let found = spans(golden, .init(minimumSilence: 0.096, padding: 0))
    #expect(found.count == golden.segments_s.count)
    for (span, wanted) in zip(found, golden.segments_s) {
      #expect(abs(span.start - wanted[0]) < 0.006, "\(span.start) and not \(wanted[0])")
      #expect((-0.006...0.038).contains(span.end - wanted[1]), "\(span.end) and not \(wanted[1])")
    }
  }

  /// What `get_speech_timestamps_from_probs` of silero-vad 6.2.3 says of the golden probabilities.
  @Test func `as usual they are those of the network's own program, and cover all golden speech`() throws {
    let golden = try golden()
    let found = spans(golden, .init())
    #expect(
      found.map { [$0.samples.lowerBound, $0.samples.upperBound] } == [
        [32, 32736], [42528, 75232], [79392, 110048], [149024, 213472], [216608, 241632], [245280, 253920],
        [260640, 286688], [293920, 313824], [325152, 521696], [523296, 569824], [571936, 602080], [607264, 623072],
        [637984, 692704], [697888, 714208], [720416, 749024], [781344, 799712], [817184, 867808], [871456, 918496],
        [920096, 953312],
      ])
    for wanted in golden.segments_s {
      #expect(found.contains { $0.start <= wanted[0] + 0.006 && $0.end >= wanted[1] - 0.006 }, "\(wanted)")
    }
  }
}
