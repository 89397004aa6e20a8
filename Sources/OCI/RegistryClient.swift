public import Base
internal import Objects

/// Requests to one repository of a registry (OCI distribution spec 1.1), each after the other.
///
/// Follows redirects, logs in where it is asked to, and tries again what may be answered otherwise a little later. Blocks its thread: not for the
/// shared pool, and for one thread at a time.
public final class RegistryClient {
  /// What is wanted of the repository; more is not asked for when it logs in.
  public enum Purpose: Sendable { case pull, push }

  public struct Settings: Sendable {
    /// Registries that are not on this machine are asked by `http` too.
    public var usesPlainHTTP = false
    /// A file of certificates to trust in place of the system's; one on this machine is asked by `https` then.
    public var authorities: String?
    /// For so long a request is tried again where the registry is not there, is too busy or breaks off.
    public var retrySeconds = 60.0
    /// A server that neither takes nor brings a byte for so long is given up.
    public var stallSeconds = 60
    /// A repository of the same registry that blobs may be taken over from.
    public var source: String?

    public init() {}
  }

  let reference: ImageReference
  let credentials: RegistryCredentials.Found
  let settings: Settings
  let purpose: Purpose
  let home: RegistryAddress
  /// Asked about ten times a second; `false` ends what is under way with the fault `closed`.
  let goesOn: () -> Bool
  /// For what is short, and must be there within a time; and for files.
  private let control: ServerConnection
  private let data: ServerConnection
  /// What the registry took for a login the last time.
  private var authorization: String?
  /// Somebody answered there.
  private var isKnown = false

  public init(
    _ reference: ImageReference, for purpose: Purpose, _ credentials: RegistryCredentials.Found = .none,
    settings: Settings = Settings(), goesOn: @escaping () -> Bool = { true }
  ) throws(Fault) {
    (self.reference, self.purpose, self.credentials) = (reference, purpose, credentials)
    (self.settings, self.goesOn) = (settings, goesOn)
    if let source = settings.source, !ImageReference.isRepository(source) {
      throw Fault(
        .usage, "'\(source)' is no repository to take files from: name one without host and tag, e.g. vision/base")
    }
    let isOpen =
      settings.usesPlainHTTP || Authority.isThisMachine(reference.host) && settings.authorities == nil
    home = RegistryAddress("\(isOpen ? "http" : "https")://\(reference.host)/")!
    var limits = ServerConnection.Limits()
    (limits.stallSeconds, limits.answerByteCount) = (settings.stallSeconds, Self.mostAnswerBytes)
    data = try ServerConnection(limits: limits, authorities: settings.authorities)
    limits.totalSeconds = 2 * settings.stallSeconds
    control = try ServerConnection(limits: limits, authorities: settings.authorities)
  }

  /// Manifests, lists of errors and tokens; registries take no longer manifests either.
  static let mostAnswerBytes = 4 << 20

  /// What is asked.
  struct Request {
    var method: String
    var address: RegistryAddress
    var headers: [(name: String, value: String)] = []
    var body = ServerRequest.Body.none
    /// Whether it may be sent again where no answer came: what brings bytes, or ends an upload, has ways of its own.
    var isRepeatable = true
    /// Bytes move for as long as they move.
    var isLong = false

    init(_ method: String, _ address: RegistryAddress) { (self.method, self.address) = (method, address) }
  }

  /// What a server said, and where.
  struct Answer {
    var answer: ServerAnswer
    /// The one that redirects led to.
    var address: RegistryAddress

    var status: Int { answer.status }
    subscript(_ name: String) -> String? { answer[name] }
  }

  typealias Sink = (([UInt8]) throws(Fault) -> Void)?
  typealias Head = ((ServerAnswer) throws(Fault) -> Void)?

  /// An address of the repository: `blobs/uploads/`.
  func place(_ path: String) -> RegistryAddress {
    RegistryAddress("\(home.scheme)://\(home.authority)/v2/\(reference.repository)/\(path)")!
  }

  /// The answer, of any status but 401 and those that pass with time.
  ///
  /// - Throws: `unavailable` where none came, or none but such; `denied` where no login helps.
  func send(
    _ request: Request, to doing: String, into sink: Sink = nil, sent: @escaping (Int) -> Void = { _ in },
    head: Head = nil
  ) throws(Fault) -> Answer {
    // A name that was mistaken, or a port, is not waited for as long as one that is known to be there.
    let patience = isKnown ? settings.retrySeconds : min(settings.retrySeconds, Self.firstPatience)
    var (backoff, hasty) = (Backoff(seconds: settings.retrySeconds), Backoff(seconds: patience))
    while true {
      let refusal: (fault: Fault, answer: ServerAnswer?)
      do throws(Fault) {
        let answer = try authorized(request, doing, sink, sent, head)
        isKnown = true
        guard Self.isPassing(answer.status), request.isRepeatable else { return answer }
        refusal = (fault(answer, doing), answer.answer)
      } catch {
        guard error.kind == .unavailable, request.isRepeatable, sink == nil else { throw error }
        refusal = (error, nil)
      }
      if refusal.answer == nil {
        try hasty.rest(nil, or: refusal.fault, goesOn: goesOn)
      } else {
        try backoff.rest(refusal.answer, or: refusal.fault, goesOn: goesOn)
      }
    }
  }

  /// Seconds for which one is tried again that never answered.
  private static let firstPatience = 4.0

  /// The same question may be answered otherwise a little later.
  static func isPassing(_ status: Int) -> Bool { [408, 425, 429, 500, 502, 503, 504].contains(status) }

  private func authorized(
    _ request: Request, _ doing: String, _ sink: Sink, _ sent: @escaping (Int) -> Void, _ head: Head
  ) throws(Fault) -> Answer {
    let first = try follow(request, sink, sent, head)
    guard first.status == 401 else { return first }
    guard first.address.origin == home.origin else {
      throw Fault(
        .denied, "\(first.address.authority), where \(reference.registry) sends one to, wants a login of its own")
    }
    authorization = try login(LoginChallenge.all(in: first.answer), doing)
    let second = try follow(request, sink, sent, head)
    guard second.status == 401 else { return second }
    authorization = nil
    throw loginRefusal(doing, cause: Self.cause(of: second.answer))
  }

  /// Goes where redirects lead; the login is shown to the registry itself alone.
  private func follow(
    _ request: Request, _ sink: Sink, _ sent: @escaping (Int) -> Void, _ head: Head
  ) throws(Fault) -> Answer {
    var address = request.address
    for _ in 0...Self.mostRedirects {
      var web = ServerRequest(request.method, address.text)
      (web.headers, web.body) = (request.headers, request.body)
      if let authorization, address.origin == home.origin { web.headers.append(("Authorization", authorization)) }
      let answer = try (request.isLong ? data : control).send(
        web, into: sink,
        goesOn: { [goesOn] count in
          sent(count)
          return goesOn()
        }, head: head)
      guard let location = Self.redirect(answer, request.method) else {
        return Answer(answer: answer, address: address)
      }
      guard let next = address.following(location) else {
        throw Fault(
          .badInput,
          "\(address.authority) redirects to what is no address, or from https to http: nothing was sent there")
      }
      address = next
    }
    throw Fault(.badInput, "\(reference.registry) redirects more than \(Self.mostRedirects) times")
  }

  private static let mostRedirects = 5

  /// Where an answer sends one to; what is no question is only sent elsewhere as it is.
  private static func redirect(_ answer: ServerAnswer, _ method: String) -> String? {
    let isQuestion = ["GET", "HEAD"].contains(method)
    guard [301, 302, 307, 308].contains(answer.status) || answer.status == 303 && isQuestion else { return nil }
    return answer["location"]
  }

  /// A request to a server of tokens: no redirect is followed, and no login of the registry shown.
  func ask(_ request: ServerRequest) throws(Fault) -> ServerAnswer {
    var backoff = Backoff(seconds: settings.retrySeconds)
    while true {
      let refusal: (fault: Fault, answer: ServerAnswer?)
      do throws(Fault) {
        let answer = try control.send(request, goesOn: { [goesOn] _ in goesOn() })
        guard Self.isPassing(answer.status) else { return answer }
        let cause = Self.cause(of: answer)
        refusal = (
          Fault(.unavailable, "the server of tokens of \(reference.registry) answered \(answer.status)", cause: cause),
          answer
        )
      } catch {
        guard error.kind == .unavailable else { throw error }
        refusal = (error, nil)
      }
      try backoff.rest(refusal.answer, or: refusal.fault, goesOn: goesOn)
    }
  }
}
