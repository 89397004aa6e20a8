import Base
import Exports
import Predictions
import Testing

struct ExporterTests {
  @Test func `every format has a type, and an ending of its own`() {
    #expect(Set(ExportFormat.allCases.map(\.fileEnding)).count == ExportFormat.allCases.count)
    for format in ExportFormat.allCases { #expect(format.contentType.contains("/")) }
  }

  @Test func `JSON Lines and CSV are those of an analysis, byte for byte`() throws {
    let rows = [row(detection("a,\"b\"", 0.5, track: 3), 1), row(classification("=c", .nan), 2)]
    var json = JSONWriter()
    var table = PredictionCSV.header(tellsTracks: true)
    for row in rows {
      PredictionJSON.write(row.prediction, row.stamp, model: row.model, into: &json)
      PredictionCSV.write(row.prediction, row.stamp, model: row.model, tellsTracks: true, into: &table)
    }
    #expect(try exported(.jsonl, film(), rows) == json.take())
    #expect(try exported(.csv, film(), rows) == table)
    #expect(try exported(.csv, picture(), []) == PredictionCSV.header)
    #expect(try exported(.jsonl, picture(), []).isEmpty)
  }

  @Test(arguments: [ExportFormat.webvtt, .edl, .otio])
  func `formats of films refuse a picture with a sentence`(format: ExportFormat) {
    #expect { _ = try exported(format, picture(), []) } throws: {
      ($0 as? Fault)?.message.contains("is a picture") == true
    }
  }

  @Test(arguments: ExportFormat.allCases)
  func `a film in which nothing was found is a whole document`(format: ExportFormat) throws {
    #expect(try exported(format, film(), []).isEmpty == (format == .jsonl))
  }

  @Test(arguments: ExportFormat.allCases)
  func `it does not matter when bytes are taken away`(format: ExportFormat) throws {
    let rows = (0..<60).map { row(detection("n\($0 % 7)", 0.5, track: $0 % 5), $0 / 2) }
    let whole = try exported(format, film(), rows, drainEvery: 1000)
    for every in [1, 2, 7] { #expect(try exported(format, film(), rows, drainEvery: every) == whole) }
  }

  /// 6,000 frames of ten objects each that come and go, and one that is always there.
  @Test(arguments: ExportFormat.allCases)
  func `what waits to be taken away stays small, however long the film`(format: ExportFormat) throws {
    var exporter = try Exporter(format, film(duration: nil))
    var most = 0
    for index in 0..<6000 {
      try exporter.add(row(detection("always"), index))
      for object in 0..<10 where (index + object) % 3 == 0 { try exporter.add(row(detection("n\(object)"), index)) }
      most = max(most, exporter.drain().count)
    }
    let rest = try exporter.finish().count
    #expect(most < 1_500_000)
    #expect(rest < (format == .coco ? 4_000_000 : 1_500_000))
  }
}
