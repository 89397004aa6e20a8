extension Array where Element: BitwiseCopyable {
  /// The elements as they lie in memory.
  var rawBytes: [UInt8] { unsafe withUnsafeBytes { unsafe [UInt8]($0) } }
}
