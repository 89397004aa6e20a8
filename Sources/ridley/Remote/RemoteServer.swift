import Base
import Glibc
import JSON
import Objects

/// A running `ridley serve --library`, as commands speak to it: one request at a time.
final class RemoteServer {
  /// Without a `/` at its end.
  let address: String
  let host: String
  private let key: String?
  private let connection: ServerConnection

  init(_ place: ServerAddress, key: String?, _ limits: ServerConnection.Limits = .init()) throws(Fault) {
    (address, host, self.key) = (place.text, place.host, key)
    connection = try ServerConnection(
      limits: limits, authorities: getenv("SSL_CERT_FILE").map { String(cString: $0) })
  }

  /// The answer to a request, whatever its status; `path` begins with `/` and is encoded.
  func ask(
    _ method: String, _ path: String, _ query: [(name: String, value: String?)] = [],
    headers: [(name: String, value: String)] = [], body: ServerRequest.Body = .none,
    into sink: (([UInt8]) throws(Fault) -> Void)? = nil, progress: (Int) -> Void = { _ in }
  ) throws(Fault) -> ServerAnswer {
    let words = query.compactMap { name, value in value.map { "\(name)=\(Self.encoded($0))" } }
    var request = ServerRequest(method, address + path + (words.isEmpty ? "" : "?" + words.joined(separator: "&")))
    if let key { request.headers.append(("Authorization", "Bearer \(key)")) }
    request.headers += headers
    request.body = body
    return try connection.send(request, into: sink) { sent in
      progress(sent)
      return !Interrupt.isAsked
    }
  }

  /// As above, where anything but success is a fault: the server's own, of the same kind and message.
  @discardableResult
  func get(
    _ method: String = "GET", _ path: String, _ query: [(name: String, value: String?)] = [],
    json: [UInt8]? = nil, into sink: (([UInt8]) throws(Fault) -> Void)? = nil
  ) throws(Fault) -> [UInt8] {
    let answer = try ask(
      method, path, query, headers: json == nil ? [] : [("Content-Type", "application/json")],
      body: json.map { .bytes($0) } ?? .none, into: sink)
    guard (200...299).contains(answer.status) else { throw fault(answer) }
    return answer.body
  }

  /// The JSON of an answer.
  func document(
    _ path: String, _ query: [(name: String, value: String?)] = []
  ) throws(Fault) -> JSONValue {
    let bytes = try get("GET", path, query)
    do { return try JSONDocument(parsing: bytes.span.bytes, name: "the answer of \(host)").root } catch {
      throw Fault(
        .unavailable, "\(host) answers what is no JSON: is it 'ridley serve --library'?", cause: error.message)
    }
  }

  /// What an answer that is no success means.
  func fault(_ answer: ServerAnswer) -> Fault {
    if (300...399).contains(answer.status), let place = answer["location"] {
      return Fault(.unavailable, "\(host) sends on to \(place.prefix(200)): name that server with --server")
    }
    let told = Self.envelope(answer.body)
    switch answer.status {
    case 401:
      let why = key == nil ? "it asks for a key, and none was given" : told?.message ?? "it does not take the key"
      return Fault(.denied, "\(host): \(why): name the file of one of its keys with --key FILE, or set RIDLEY_KEY")
    // What the key is not for, and what is refused to every key, the server says itself.
    case 403: return told ?? Fault(.denied, "\(host) does not allow this")
    default:
      return told
        ?? Fault(
          .unavailable,
          "\(host) answers \(answer.status), and not as 'ridley serve --library' would: is the address right?")
    }
  }

  /// A fault as `FaultEnvelope` writes it.
  private static func envelope(_ body: [UInt8]) -> Fault? {
    guard let document = try? JSONDocument(parsing: body.span.bytes, name: "the answer"),
      let error = try? document.root.members().first(where: { $0.key == "error" })?.value,
      let members = try? Array(error.members()),
      let code = try? members.first(where: { $0.key == "code" })?.value.string(),
      let message = try? members.first(where: { $0.key == "message" })?.value.string()
    else { return nil }
    return Fault.Kind(rawValue: code).map { Fault($0, message) }
  }

  /// A word of a path or query (RFC 3986).
  static func encoded(_ word: String) -> String {
    var text = ""
    for byte in word.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        text.unicodeScalars.append(Unicode.Scalar(byte))
      default: text += "%" + Hex.text([byte]).uppercased()
      }
    }
    return text
  }
}
