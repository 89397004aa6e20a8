internal import CProgram
internal import Glibc

/// What this program was started with; needs no `/proc`.
public enum ProgramStart {
  /// The words of the command line, byte for byte, the program's own name first.
  public static var words: [[UInt8]] {
    (0..<ridley_word_count()).map { index in
      guard let word = ridley_word(index) else { return [] }
      return UnsafeBufferPointer(start: word, count: strlen(word)).map { UInt8(bitPattern: $0) }
    }
  }

  /// The file of this program, whole and without links; `nil` where the system does not tell.
  ///
  /// Found at the first call, which the program makes before it could go into another folder.
  public static let file: String? = {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
    if readlink("/proc/self/exe", &buffer, buffer.count - 1) > 0 { return text(buffer) }
    guard let path = ridley_program_path(), realpath(path, &buffer) != nil else { return nil }
    return text(buffer)
  }()

  /// What starts this program once more: the file that runs even where another stands at its path since, as after an upgrade.
  public static var itself: String? { access("/proc/self/exe", X_OK) == 0 ? "/proc/self/exe" : file }

  /// Where what is installed with a program lies: `share/ridley` beside the folder that `file`, the program, is in.
  public static func share(of file: String? = file) -> String {
    "\(FileSystem.folder(of: FileSystem.folder(of: file ?? "")))/share/ridley"
  }

  private static func text(_ characters: [CChar]) -> String {
    String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
