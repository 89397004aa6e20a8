/// The version of this program.
enum Version {
  static let text = "0.1.0"

  /// The same, and the schema of libraries, as they are found in the program's file by those who cannot run it; tests hold it to both.
  static let mark: StaticString = "ridley-program version=0.1.0 schema=8;"
}
