public import Base

/// What a client is told: a status, header fields, and for a refusal a sentence.
public struct UploadAnswer: Sendable, Hashable {
  public struct Field: Sendable, Hashable {
    public let name: String
    public let value: String

    public init(_ name: String, _ value: String) { (self.name, self.value) = (name, value) }
  }

  public var status: Int
  public var fields: [Field]
  /// What was wrong and what to do; `nil` for a success.
  public var message: String?

  public init(_ status: Int, _ fields: [Field] = [], message: String? = nil) {
    self.status = status
    self.fields = [Field("Tus-Resumable", UploadRules.version)] + fields
    self.message = message
  }

  public subscript(_ name: String) -> String? { fields.first { $0.name == name }?.value }
}

/// A request that is answered without being done.
public struct UploadRefusal: Error, Sendable, Hashable {
  public let answer: UploadAnswer

  public init(_ status: Int, _ message: String, _ fields: [UploadAnswer.Field] = []) {
    answer = UploadAnswer(status, fields, message: message)
  }

  /// What a fault of the place where bytes are kept means to the client.
  public init(_ fault: Fault) {
    switch fault.kind {
    case .exhausted: self.init(507, fault.message)
    case .tooLarge: self.init(413, fault.message)
    case .denied: self.init(403, fault.message)
    case .notFound: self.init(404, fault.message)
    case .badInput, .usage: self.init(400, fault.message)
    case .conflict: self.init(409, fault.message)
    case .unsupported: self.init(422, fault.message)
    case .bug: self.init(500, fault.message)
    case .unavailable, .closed: self.init(503, fault.message, [UploadAnswer.Field("Retry-After", "1")])
    }
  }

  public static let notFound = UploadRefusal(404, "there is no such upload: begin a new one")
}
