import Base
import JSON

/// The way back from a prediction, as its JSON tells it on every surface.
struct TracedPrediction {
  private enum Key: String, CaseIterable { case n, prediction, frame, log }
  private enum PredictionKey: String, CaseIterable { case kind, label, score, model }
  private enum FrameKey: String, CaseIterable { case index, pts, time, width, height, sha256 }

  let number: Int
  let kind: String
  let label: String?
  let score: Double?
  let model: String
  /// Its number in the film.
  let frame: Int
  let pts: Int?
  let time: Double
  let size: Size
  /// SHA-256 of the upright picture.
  let digest: String
  /// One JSON object a line.
  let log: [String]
  private let json: [UInt8]

  /// Reads the object that `PredictionTrace` writes.
  init(_ json: [UInt8]) throws(Fault) {
    self.json = json
    let fields = try JSONDocument(parsing: json.span.bytes, name: "the trace").root.fields(Key.self, others: .ignored)
    number = try fields.required(.n).integer()
    let prediction = try fields.required(.prediction).fields(PredictionKey.self, others: .ignored)
    kind = try prediction.required(.kind).string()
    label = try prediction[.label]?.string()
    score = try prediction[.score]?.number()
    model = try prediction.required(.model).string()
    let place = try fields.required(.frame).fields(FrameKey.self, others: .ignored)
    frame = try place.required(.index).integer()
    pts = try place[.pts]?.integer()
    time = try place.required(.time).number()
    size = Size(width: try place.required(.width).integer(), height: try place.required(.height).integer())
    digest = try place.required(.sha256).string()
    var log: [String] = []
    for line in try fields.required(.log).elements() {
      var writer = JSONWriter()
      line.write(to: &writer)
      log.append(String(decoding: writer.take(), as: UTF8.self))
    }
    self.log = log
  }

  /// Its JSON, byte for byte but for where a picture of the frame is found: that stands behind the frame's digest, where there is one.
  func json(picture: String?) -> [UInt8] {
    guard let mark = json.firstRange(of: Array("\"sha256\":\"\(digest)\"".utf8)) else { return json }
    var rest = json[mark.upperBound...]
    let name = Array(",\"picture\":\"".utf8)
    if rest.starts(with: name) { rest = rest.dropFirst(name.count).drop { $0 != UInt8(ascii: "\"") }.dropFirst() }
    var text: [UInt8] = []
    if let picture {
      var writer = JSONWriter()
      writer.string(picture)
      text = Array(",\"picture\":".utf8) + writer.take()
    }
    return json[..<mark.upperBound] + text + rest
  }
}
