internal import Base
internal import CLiteRT
internal import Glibc
internal import Inference

/// The library, opened for as long as the program runs, and the environment that all networks in it share.
@safe
final class LiteLibrary: @unchecked Sendable {  // set once; see ``alone(_:)``
  let functions: LiteRtFunctions
  let environment: OpaquePointer
  private let version: String
  /// Networks are opened, compiled and let go one at a time: LiteRT does not say that its environment is thread safe.
  private let turn = Monitor(false)

  /// What this interface was written for.
  private static let major = "2."
  /// Tags of the environment's settings: nothing but the processor is looked for, and nothing is said on standard error.
  private static let settings: [(tag: Int32, number: Int64)] = [(24, 1), (25, 4)]
  private static let wholeNumber: Int32 = 2

  /// - Throws: `unavailable` where it does not load, or is of another version than the interface that is used here.
  init(_ path: String, _ version: String) throws(Fault) {
    self.version = version
    guard version.hasPrefix(Self.major) else {
      throw Self.unusable(path, "it is version \(version), and \(Self.major)x is needed")
    }
    let handle = unsafe try RuntimeFile.load(path, of: Self.title)
    var functions = LiteRtFunctions()
    if let missing = unsafe ridley_litert_functions(handle, &functions) {
      throw Self.unusable(path, "it has no \(unsafe String(cString: missing))")
    }
    self.functions = functions
    var options = Self.settings.map { setting in
      LiteRtEnvOption(tag: setting.tag, value: .init(kind: Self.wholeNumber, number: setting.number))
    }
    var made: OpaquePointer?
    let status = unsafe functions.CreateEnvironment(Int32(options.count), &options, &made)
    guard status == 0, let made = unsafe made else { throw Self.unusable(path, "it does not start (status \(status))") }
    unsafe environment = made
  }

  /// What people call it.
  static let title = "LiteRT"

  private static func unusable(_ path: String, _ words: String) -> Fault {
    RuntimeFile.unusable(path, of: title, words)
  }

  var name: String { "\(Self.title) \(version)" }

  func alone<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
    try turn.update { (_) throws(Failure) in try body() }
  }
}

/// A call that failed: its name and LiteRT's status.
struct LiteError: Error {
  let call: StaticString
  let status: Int32

  /// Turns a status into a typed throw.
  static func check(_ call: StaticString, _ status: Int32) throws(LiteError) {
    guard status != 0 else { return }
    throw LiteError(call: call, status: status)
  }

  /// Ours: what came out has other sides than the file and the library told.
  static let untoldSides: Int32 = -1

  var words: String { "LiteRt\(call) gave status \(status)" }
}

extension ElementType {
  /// LiteRT's numbers for what a tensor holds (`LiteRtElementType`); strings and packed types have none here.
  private static let known: [Int32: ElementType] = [
    1: .f32, 2: .i32, 3: .u8, 4: .i64, 6: .bool, 7: .i16, 9: .i8, 10: .f16, 11: .f64, 13: .u64, 16: .u32, 17: .u16,
    19: .bf16,
  ]

  init(liteRT number: Int32) { self = Self.known[number] ?? .string }
}
