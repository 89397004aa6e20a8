import Base
import Glibc
import Library
import Updates

/// Which program a node runs: the one that was installed starts the one of the version that it serves, and goes back where that does not stay up.
///
/// The installed program is changed by no update, so something always starts.
enum NodeLaunch {
  /// Names the installed program to the one that it started.
  private static let installedVariable = "RIDLEY_INSTALLED"
  /// Set where something starts this program again when it ends, such as `ridley-node.service`.
  static let againVariable = "RIDLEY_STARTED_AGAIN"

  /// As ELF names it.
  static var architecture: String {
    #if arch(arm64)
      "aarch64"
    #else
      "x86_64"
    #endif
  }

  static var isStartedAgain: Bool { getenv(againVariable) != nil }

  static func folder(ofLibrary path: String) -> String { "\(path)/edge/updates" }

  /// The store of a node that took an update, or looked for one.
  private static func store(ofLibrary path: String) throws(Fault) -> BundleStore? {
    let folder = folder(ofLibrary: path)
    return FileSystem.isThere("\(folder)/state.json") ? try BundleStore(folder) : nil
  }

  /// Counts the start, and runs the program of the version that is served in place of this one, where that is another.
  ///
  /// Returns where this one is to go on. What is wrong with the updates themselves is told, and keeps nothing from starting.
  static func begin(_ configuration: String?) {
    guard let library = configuration else { return }
    do throws(Fault) {
      guard let store = try store(ofLibrary: library) else { return }
      // A node that leaves a newer program goes on with its library.
      setenv(Library.stepsBackVariable, "1", 1)
      guard getenv(installedVariable) == nil else { return }
      // Once for the version that is served, and once for the one before it.
      for _ in 0..<2 {
        guard let program = try store.program(of: try store.begin()), !runs(program) else { return }
        try store.goBack("its program cannot be started: \(start(program))")
      }
    } catch {
      stayed.update { $0 = (error.message, Clock.now) }
      Terminal.complain(of: error.at("the updates of this node"))
    }
  }

  /// Why this program was started in place of the one that is served, and when.
  private static let stayed = Monitor<(reason: String, at: UInt64)?>(nil)
  private static let restSeconds = 600

  /// Refuses another start within ten minutes of one that failed: a node that cannot start what it serves works on with what it has.
  static func checkStart() throws(Fault) {
    guard let (reason, moment) = stayed.update({ $0 }), Clock.now - moment < UInt64(restSeconds) * 1_000_000_000 else {
      return
    }
    throw Fault(
      .unavailable,
      "the program of the update that this node serves could not be started, so the installed one works on, and tries again every \(restSeconds / 60) minutes: \(reason)"
    )
  }

  /// The server crashed: counts the next start too, and ends this program where another is to take over.
  static func crashed(_ library: String?) {
    guard let library, let store = try? store(ofLibrary: library) else { return }
    guard let state = try? store.begin(), let program = try? store.program(of: state) else { return }
    if !runs(program) { exit(ExitCode.tryAgain.rawValue) }
  }

  /// Whether a version's program is the one that runs; `nil` stands for the one that was installed.
  static func runs(_ program: String?) -> Bool {
    let installed = getenv(installedVariable).map { String(cString: $0) } ?? ProgramStart.file
    guard let wanted = program ?? installed, let running = ProgramStart.itself else { return true }
    return FileSystem.stamp(of: wanted)?.place == FileSystem.stamp(of: running)?.place
  }

  /// Gives why it did not start.
  private static func start(_ program: String) -> String {
    guard let own = ProgramStart.file else { return "the system does not tell which program this is" }
    setenv(installedVariable, own, 1)
    // Engines are those that were installed: they lie beside that program.
    let libraries = "\(FileSystem.folder(of: FileSystem.folder(of: own)))/lib/ridley"
    let others = getenv("LD_LIBRARY_PATH").map { ":" + String(cString: $0) } ?? ""
    setenv("LD_LIBRARY_PATH", libraries + others, 1)
    var words = ProgramStart.words.map { word -> UnsafeMutablePointer<CChar>? in
      strdup(String(decoding: word, as: UTF8.self))
    }
    words.append(nil)
    execv(program, words)
    let reason = SystemError.last.text
    unsetenv(installedVariable)
    for word in words { free(word) }
    return reason
  }
}
