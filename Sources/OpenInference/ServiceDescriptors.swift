public import Base
internal import Protobuf

/// What the services of gRPC that are served look like, for server reflection: files of descriptors, and which symbol stands in which.
///
/// They are compiled from the `.proto` files under `Protocols`.
public struct ServiceDescriptors: Sendable {
  /// Full names of the services, in the order of their files.
  public private(set) var services: [String] = []
  private var files: [[UInt8]] = []
  // By their bytes: names that a client sends are compared as they stand.
  private var byName: [[UInt8]: Int] = [:]
  private var bySymbol: [[UInt8]: Int] = [:]

  /// Those that this program serves.
  public static let served: ServiceDescriptors = {
    do throws(Fault) { return try ServiceDescriptors(set: PackageResources.descriptors_bin) } catch {
      preconditionFailure("descriptors.bin is damaged: \(error.message)")
    }
  }()

  /// Reads a `FileDescriptorSet`, whose files need no others; faults are `badInput`.
  public init(set bytes: [UInt8]) throws(Fault) {
    let span = bytes.span.bytes
    var fields = MessageFields(0..<bytes.count)
    while let field = try fields.next(in: span) {
      guard field.number == 1, case .bytes(let file) = field.value else { continue }
      files.append(Array(bytes[file]))
      try add(file: file, span)
    }
  }

  /// A `FileDescriptorProto`; `nil` where there is no file of that name.
  public func file(named name: String) -> [UInt8]? { byName[Array(name.utf8)].map { files[$0] } }

  /// That in which a service, a method, a message, a field or an enumeration stands, by its full name.
  public func file(containing symbol: String) -> [UInt8]? { bySymbol[Array(symbol.utf8)].map { files[$0] } }

  /// What is defined, and by which numbers its parts stand in its own descriptor.
  private enum Kind {
    case file, message, enumeration, service, part

    func part(_ number: Int) -> Kind? {
      switch (self, number) {
      case (.file, 4), (.message, 3): .message
      case (.file, 5), (.message, 4): .enumeration
      case (.file, 6): .service
      case (.message, 2), (.message, 8), (.enumeration, 2), (.service, 2): .part
      default: nil
      }
    }
  }

  private mutating func add(file: Range<Int>, _ bytes: RawSpan) throws(Fault) {
    let (name, package) = (try Self.text(1, in: file, bytes), try Self.text(2, in: file, bytes))
    byName[Array(name.utf8)] = files.count - 1
    try addParts(of: .file, file, bytes, scope: package)
  }

  private mutating func add(_ kind: Kind, _ range: Range<Int>, _ bytes: RawSpan, scope: String) throws(Fault) {
    let name = "\(scope).\(try Self.text(1, in: range, bytes))"
    bySymbol[Array(name.utf8)] = files.count - 1
    if case .service = kind { services.append(name) }
    // Values of an enumeration are siblings of it.
    if case .enumeration = kind { return try addParts(of: kind, range, bytes, scope: scope) }
    try addParts(of: kind, range, bytes, scope: name)
  }

  private mutating func addParts(
    of kind: Kind, _ range: Range<Int>, _ bytes: RawSpan, scope: String
  ) throws(Fault) {
    var fields = MessageFields(range)
    while let field = try fields.next(in: bytes) {
      guard let part = kind.part(field.number), case .bytes(let inner) = field.value else { continue }
      try add(part, inner, bytes, scope: scope)
    }
  }

  private static func text(_ number: Int, in range: Range<Int>, _ bytes: RawSpan) throws(Fault) -> String {
    var fields = MessageFields(range)
    while let field = try fields.next(in: bytes) {
      if field.number == number, case .bytes(let text) = field.value {
        return try MessageText.read(bytes, text, "a descriptor's name")
      }
    }
    return ""
  }
}
