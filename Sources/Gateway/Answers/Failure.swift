internal import Base
internal import OpenInference
internal import Web

/// A failing answer on its way out.
struct Failure: Error, Sendable {
  let status: Int
  let fault: Fault
  /// Seconds after which it is worth trying again; `nil` where it is not known.
  var retryAfter: Double?
  var headers: [(String, String)] = []

  init(_ status: Int, _ fault: Fault, retryAfter: Double? = nil, headers: [(String, String)] = []) {
    (self.status, self.fault, self.retryAfter, self.headers) = (status, fault, retryAfter, headers)
  }

  /// With the status that goes with the fault's kind.
  init(_ fault: Fault, retryAfter: Double? = nil) {
    self.init(Self.status(of: fault.kind), fault, retryAfter: retryAfter)
  }

  static func notFound(_ message: String) -> Failure { Failure(404, Fault(.notFound, message)) }
  static func nothing(at path: String) -> Failure {
    notFound("there is nothing at \(path): /openapi.json lists what there is")
  }
  static let late = Failure(
    504, Fault(.exhausted, "the deadline passed before the answer was there: send less, or allow more time"))
  static let clientLeft = Failure(499, Fault(.closed, "the client left"))

  /// The one table from kinds to statuses.
  static func status(of kind: Fault.Kind) -> Int {
    switch kind {
    case .usage, .badInput: 400
    case .denied: 403
    case .notFound: 404
    case .unsupported: 422
    case .conflict: 409
    case .tooLarge: 413
    case .exhausted: 429
    case .unavailable, .closed: 503
    case .bug: 500
    }
  }

  func response(_ request: Request) -> Response {
    RPC.isOne(request) ? .rpc(self) : response(path: request.path, id: request.id)
  }

  /// In the envelope of all routes, but for the Open Inference Protocol's, whose clients read one sentence.
  func response(path: String?, id: String) -> Response {
    let isOpen = path.map(Self.isOpenInference) ?? false
    let json = isOpen ? ErrorAnswer.json(fault) : FaultEnvelope.json(fault, request: id)
    return .failure(status, json: json, retryAfter: retryAfter, headers: headers)
  }

  /// Whether a path, or the pattern of one, belongs to the Open Inference Protocol.
  static func isOpenInference(_ path: String) -> Bool { path.hasPrefix("/v2") }
}
