internal import Base
internal import Web

/// A failing answer on its way out.
struct Failure: Error, Sendable {
  var status: Int
  var fault: Fault
  var headers: [(String, String)] = []

  init(_ status: Int, _ fault: Fault, headers: [(String, String)] = []) {
    (self.status, self.fault, self.headers) = (status, fault, headers)
  }

  /// With the status that goes with the fault's kind.
  init(_ fault: Fault, retryAfter: Double? = nil) {
    let seconds = retryAfter.map { max(1, Int($0.rounded(.up))) }
    self.init(Self.status(of: fault.kind), fault)
    if [429, 503].contains(status) { headers.append(("Retry-After", "\(seconds ?? 1)")) }
  }

  static func notFound(_ message: String) -> Failure { Failure(404, Fault(.notFound, message)) }
  static let late = Failure(
    504, Fault(.exhausted, "the deadline passed before the answer was there: send less, or allow more time"))

  /// The one table from kinds to statuses.
  static func status(of kind: Fault.Kind) -> Int {
    switch kind {
    case .usage, .badInput: 400
    case .denied: 403
    case .notFound: 404
    case .unsupported: 422
    case .exhausted: 429
    case .unavailable, .closed: 503
    case .bug: 500
    }
  }

  /// The envelope of all routes but the Open Inference Protocol's, whose clients read one sentence.
  func response(_ request: Request?) -> Response {
    var json = JSONWriter(capacity: 256)
    json.beginObject()
    json.key("error")
    if request?.path.hasPrefix("/v2") == true {
      json.string(fault.message)
    } else {
      json.beginObject()
      json.key("code")
      json.string(fault.kind.rawValue)
      json.key("message")
      json.string(fault.message)
      if let request {
        json.key("request")
        json.string(request.id)
      }
      json.endObject()
    }
    json.endObject()
    return Response(status, headers: [("Content-Type", "application/json")] + headers, body: json.bytes)
  }
}
