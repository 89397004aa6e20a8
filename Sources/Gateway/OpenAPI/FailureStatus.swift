/// A status with which a route may fail, for the description.
enum FailureStatus: Int, CaseIterable {
  case badRequest = 400
  case noKey = 401
  case denied = 403
  case notFound = 404
  case notAllowed = 405
  case tooSlow = 408
  case conflict = 409
  case gone = 410
  case changed = 412
  case tooLarge = 413
  case addressTooLong = 414
  case mediaType = 415
  case badRange = 416
  case unsupported = 422
  case locked = 423
  case tooMany = 429
  case headTooLarge = 431
  case wrongDigest = 460
  case mistake = 500
  case unavailable = 503
  case late = 504
  case noRoom = 507

  var text: String {
    switch self {
    case .badRequest: "Not well formed, or not what is taken here."
    case .noKey: "A key or a session is needed, or the one that was shown is not taken."
    case .denied:
      "The key has not the scope that this needs, or another site's page asks, or a session without its CSRF token."
    case .notFound: "There is no such model, version, alias, asset or file."
    case .notAllowed: "Not with this method."
    case .tooSlow: "The body came too slowly."
    case .conflict:
      "Not as things stand: an upload is at another place (Upload-Offset says where), or a job is in another state."
    case .gone: "The upload was not continued in time."
    case .changed: "If-Match names another representation, or Tus-Resumable another version of the protocol."
    case .tooLarge: "The body, or a picture or clip in it, is larger than is taken here."
    case .addressTooLong: "The address is longer than the server's limit."
    case .badRange: "The range lies behind the end."
    case .mediaType: "A content type or coding that is not read here."
    case .unsupported: "Well formed, but it cannot be done here."
    case .tooMany: "The queue is full, or the key's rate is used up."
    case .locked: "Another request is at this upload."
    case .wrongDigest: "The bytes have another checksum than was announced."
    case .headTooLarge: "The head is larger than the server's limit."
    case .mistake: "A mistake in the server itself."
    case .unavailable: "Not ready: still loading, not loaded, or shutting down."
    case .late: "The deadline passed before the answer was there."
    case .noRoom: "The disk is full, or the client's limit is reached."
    }
  }

  /// It may come from the server's core, which does not know whose route it is.
  var isEarly: Bool {
    [.badRequest, .tooSlow, .tooLarge, .addressTooLong, .headTooLarge, .mistake, .unavailable].contains(self)
  }

  /// Only of what is kept: no model answers so.
  var isLibrary: Bool { [.conflict, .gone, .changed, .locked, .wrongDigest, .noRoom, .badRange].contains(self) }

  var headers: Document? {
    let text: Document = ["schema": ["type": "string"], "required": true]
    return switch self {
    case .noKey: ["WWW-Authenticate": text]
    case .denied: ["WWW-Authenticate": ["schema": ["type": "string"]]]
    case .notAllowed: ["Allow": text]
    case .tooMany, .unavailable: ["Retry-After": FailureResponses.reference("headers", "RetryAfter")]
    default: nil
    }
  }
}
