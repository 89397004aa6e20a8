import Base
import Objects

/// The headers of a signed request as JSON.
enum SignedRequestWords {
  static func of(id: String, date: Int, secret: String, body: [UInt8]) -> String {
    let request = SignedRequest.make(to: "https://a.example/", id: id, at: date, secret: secret, body: body)
    return String(
      decoding: JSONWriter.object { json in
        for (name, value) in request.headers { json.field(.init(name), value) }
      }, as: UTF8.self)
  }
}
