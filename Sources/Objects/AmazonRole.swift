public import Base
internal import JSON
internal import Synchronization

/// The role of a container (ECS, EKS) or of a machine (EC2): its credentials end, and are asked for anew a quarter of an hour before.
///
/// For any number of threads. One asks while the others go on with what they have; where nobody answers, what was given is used on.
public final class AmazonRole: AmazonIdentity {
  /// Who gives the credentials.
  enum Source: Sendable, Hashable {
    /// An address that answers with them.
    case container(String, ContainerToken?)
    /// The second version of the service that tells a machine of itself (IMDSv2), by its endpoint.
    case machine(String)
  }

  /// What a container shows with its question.
  enum ContainerToken: Sendable, Hashable {
    case text(String)
    /// A file that is written anew from time to time.
    case file(String)
  }

  private struct Held {
    var credentials: S3Credentials
    /// In seconds since 1970.
    var nextAsk: Int
  }

  let source: Source
  private let held = Mutex<Held?>(nil)

  init(_ source: Source) { self.source = source }

  public func credentials(at date: Int) throws(Fault) -> S3Credentials {
    let (kept, isFresh) = held.withLock { held in
      let isFresh = held.map { date < $0.nextAsk } ?? false
      if !isFresh { held?.nextAsk = date + Self.pause }
      return (held?.credentials, isFresh)
    }
    if let kept, isFresh { return kept }
    do throws(Fault) {
      let (credentials, end) = try source.ask()
      let next = max(date + Self.pause, end.map { $0 - 900 } ?? date + 3600)
      held.withLock { $0 = Held(credentials: credentials, nextAsk: next) }
      return credentials
    } catch {
      guard let kept else { throw error }
      return kept
    }
  }

  /// Seconds between two questions at least.
  private static let pause = 60
}

extension AmazonRole.Source {
  /// The credentials, and when they end, in seconds since 1970, where that is said.
  fileprivate func ask() throws(Fault) -> (S3Credentials, Int?) {
    var limits = ServerConnection.Limits()
    (limits.connectSeconds, limits.stallSeconds, limits.totalSeconds) = (1, 2, 2)
    (limits.answerByteCount, limits.asksProxy) = (64 << 10, false)
    let connection = try ServerConnection(limits: limits)
    switch self {
    case .container(let address, let token):
      var request = ServerRequest("GET", address)
      if let token { request.headers.append(("Authorization", try token.shown())) }
      return try read(try text(of: request, connection))
    case .machine(let endpoint):
      let place = "\(endpoint.hasSuffix("/") ? String(endpoint.dropLast()) : endpoint)/latest"
      var opening = ServerRequest("PUT", "\(place)/api/token")
      (opening.headers, opening.body) = ([("X-aws-ec2-metadata-token-ttl-seconds", "300")], .bytes([]))
      let token = try Self.word(try text(of: opening, connection))
      func get(_ rest: String) throws(Fault) -> [UInt8] {
        var request = ServerRequest("GET", "\(place)/meta-data/iam/security-credentials/\(rest)")
        request.headers = [("X-aws-ec2-metadata-token", token)]
        return try text(of: request, connection)
      }
      let names = try get("").split(separator: UInt8(ascii: "\n"))
      guard let name = names.first else { throw Self.refusal("this machine has no role") }
      return try read(try get(PercentEncoding.encode(try Self.word(Array(name)))))
    }
  }

  private func text(of request: ServerRequest, _ connection: ServerConnection) throws(Fault) -> [UInt8] {
    let answer: ServerAnswer
    do { answer = try connection.send(request) } catch {
      throw error.kind == .tooLarge ? Self.refusal(error.message) : error
    }
    guard answer.status != 200 else { return answer.body }
    let what = "no credentials of a role are given: \(Address(request.address).shown) answers with \(answer.status)"
    throw Fault((400..<429).contains(answer.status) ? .denied : .unavailable, what)
  }

  /// One line of visible characters.
  fileprivate static func word(_ bytes: [UInt8]) throws(Fault) -> String {
    let bytes = bytes.last == UInt8(ascii: "\n") ? Array(bytes.dropLast()) : bytes
    guard !bytes.isEmpty, bytes.allSatisfy({ 32...126 ~= $0 }) else {
      throw refusal("a word that was expected is no line of visible characters")
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func refusal(_ cause: String) -> Fault {
    Fault(.unavailable, "no credentials of a role are given: \(cause)", cause: cause)
  }

  private enum Key: String, CaseIterable {
    case code = "Code"
    case key = "AccessKeyId"
    case secret = "SecretAccessKey"
    case token = "Token"
    case end = "Expiration"
  }

  /// What is wrong with an answer is told without what stands in it.
  private func read(_ body: [UInt8]) throws(Fault) -> (S3Credentials, Int?) {
    do throws(Fault) {
      let document = try unsafe JSONDocument(parsing: body.span.bytes, name: "the answer")
      let fields = try document.root.fields(
        Key.self, others: .ignored)
      if let code = try fields.given(.code)?.string(), code != "Success" {
        throw Self.refusal("the answer is no success")
      }
      var words: [String: String] = [:]
      for (name, key) in [("AWS_ACCESS_KEY_ID", Key.key), ("AWS_SECRET_ACCESS_KEY", .secret)] {
        words[name] = try fields.required(key).string()
      }
      words["AWS_SESSION_TOKEN"] = try fields.given(.token)?.string()
      return (try S3Credentials(environment: words), try fields.given(.end)?.string().utcSeconds)
    } catch { throw Self.refusal("the answer holds none that can be read") }
  }
}

extension AmazonRole.ContainerToken {
  fileprivate func shown() throws(Fault) -> String {
    switch self {
    case .text(let text): try AmazonRole.Source.word(Array(text.utf8))
    case .file(let path): try AmazonRole.Source.word(try FileSystem.read(path, limit: 64 << 10))
    }
  }
}

extension String {
  /// `2026-11-20T12:00:00Z`, with parts of a second or without.
  fileprivate var utcSeconds: Int? { UTC.seconds("\(prefix(19))Z") }
}
