import Base
import Predictions
import Testing

@testable import Exports

/// The rule of spans, as docs/exports.md says it.
struct SpanTests {
  private func spans(_ asset: ExportedAsset, _ rows: [PredictionRow], isStrict: Bool = true) throws -> [String] {
    var stream = SpanStream(asset, isStrict: isStrict)
    var found: [Span] = []
    for row in rows { found += try stream.add(row) }
    found += stream.finish()
    return found.map { "\(NumberFormat.short($0.start, 3))-\(NumberFormat.short($0.end, 3)) \($0.title)" }
  }

  @Test func `frames that follow each other are one span with its best score, and a gap ends it`() throws {
    let frames = [(0, 0.4), (1, 0.93), (2, 0.5), (4, 0.3)] as [(Int, Float)]
    let found = try spans(film(), frames.map { row(classification("day", $0.1), $0.0) })
    #expect(found == ["0-0.12 day 0.93", "0.16-0.2 day 0.30"])
  }

  @Test func `with a sampling the distance of analysed frames decides, with half of it to spare`() throws {
    var asset = film()
    asset.analysedEvery = 1
    let times = [0, 1, 2.04, 3.5, 5.2]
    let found = try spans(asset, times.map { row(classification("day"), Int($0 * 25), $0) })
    #expect(found == ["0-4.5 day", "5.2-6.2 day"])
  }

  @Test func `a span ends with the film`() throws {
    #expect(try spans(film(duration: 1), [row(classification("day"), 24, 0.98)]) == ["0.98-1 day"])
  }

  @Test func `without a rate neighbours are one span, and a single frame has no length`() throws {
    let asset = film(rate: nil, duration: nil)
    let found = try spans(asset, [(0, 0), (1, 0.5), (3, 0.7)].map { row(classification("day"), $0.0, $0.1) })
    #expect(found == ["0-0.5 day", "0.7-0.7 day"])
  }

  @Test func `labels, tracks and kinds are told apart, and spans begin in order`() throws {
    let rows = [
      row(detection("cup", 0.5, track: 2), 0), row(detection("cup", 0.5, track: 1), 0),
      row(classification("cup", 0.5), 0),
      row(detection("cup", 0.6, track: 1), 1), row(detection("dog", 0.5, track: 3), 1),
    ]
    let found = try spans(film(), rows)
    #expect(found == ["0-0.04 cup #2 0.50", "0-0.08 cup #1 0.60", "0-0.04 cup 0.50", "0.04-0.08 dog #3 0.50"])
  }

  @Test func `two of one label in a frame are one span`() throws {
    let rows = [row(detection("cup", 0.5), 0), row(detection("cup", 0.7), 0), row(detection("cup", .nan), 1)]
    #expect(try spans(film(), rows) == ["0-0.08 cup 0.70"])
  }

  @Test func `what came lasts until it went, and what did not go until the film ends`() throws {
    func change(_ label: String, _ state: Prediction.State, _ index: Int, track: Int? = nil) -> PredictionRow {
      var told = classification(label)
      (told.state, told.track) = (state, track)
      return row(told, index)
    }
    let rows = [
      change("day", .on, 5), change("cup", .on, 10, track: 4), change("day", .off, 50), change("never", .off, 60),
      change("mug", .off, 75, track: 4), change("night", .on, 100),
    ]
    #expect(try spans(film(), rows) == ["0.2-2 day", "0.4-3 cup #4", "4-10 night"])
  }

  @Test func `an ended track is the span that is told of it`() throws {
    func ended(_ track: Int, _ span: ClosedRange<Double>, _ index: Int) -> PredictionRow {
      var told = detection("cup", 0.9, track: track)
      told.span = span
      return row(told, index)
    }
    let rows = [ended(2, 1...2, 60), ended(1, 0.4...3, 90), ended(3, 9.98...9.98, 249)]
    let all = ["0.4-3.04 cup #1 0.90", "1-2.04 cup #2 0.90", "9.98-10 cup #3 0.90"]
    #expect(try spans(film(), rows) == all)
    #expect(try spans(film(), rows, isStrict: false).sorted() == all)
  }

  @Test func `a track that began before cues that are out already is refused, where the order must hold`() throws {
    var told = detection("cup", 0.9, track: 1)
    told.span = 0...3
    let rows = [row(classification("day"), 5), row(classification("day"), 50), row(told, 80)]
    #expect(throws: Fault.self) { try spans(film(), rows) }
    #expect(try spans(film(), rows, isStrict: false).count == 3)
  }

  @Test func `texts are known by what was read, and vectors and tensors have no spans`() throws {
    var words = Prediction(kind: .text, label: "plate")
    words.text = "AB\r\n12"
    let rows = [words, Prediction(kind: .embedding), Prediction(kind: .tensor), Prediction(kind: .score, score: 12.5)]
    #expect(try spans(film(), rows.map { row($0, 0) }) == ["0-0.04 AB 12", "0-0.04 score 12.50"])
  }

  @Test func `a clock that goes back and a frame without a time are refused`() {
    for time in [0.5, .nan] {
      #expect(throws: Fault.self) {
        try spans(film(), [row(classification("day"), 50, 2), row(classification("day"), 51, time)])
      }
    }
  }

  @Test func `what waits behind a long span is bounded: it is cut there, and nothing is lost`() throws {
    let count = SpanStream.limit * 3
    let rows = (0..<count).flatMap { [row(detection("always"), $0), row(detection("n\($0 % 2)", track: $0), $0)] }
    let found = try spans(film(duration: nil), rows)
    let always = found.filter { $0.contains("always") }
    #expect((2...4).contains(always.count))
    #expect(found.count == count + always.count)
    #expect(try spans(film(duration: nil), rows, isStrict: false).count == count + 1)
    let starts = found.compactMap { Double($0.prefix { $0 != "-" }) }
    #expect(starts == starts.sorted())
    #expect(
      zip(always, always.dropFirst()).allSatisfy {
        $0.split(separator: " ")[0].split(separator: "-")[1] == $1.split(separator: "-")[0]
      })
  }
}
