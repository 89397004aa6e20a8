import Foundation

/// Networks in OpenVINO IR that were written by hand.
enum HandWritten {
  /// Writes `<path>.xml`, and the constants that it reads as `<path>.bin`.
  static func write(_ xml: String, constants: [Int64], to path: String) throws {
    try Data(xml.utf8).write(to: URL(filePath: path + ".xml"))
    try constants.withUnsafeBytes { Data($0) }.write(to: URL(filePath: path + ".bin"))
  }
}
