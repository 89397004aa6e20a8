public import Base
internal import Glibc

extension Hub {
  /// The hub of an installed or a freshly built program.
  ///
  /// Manifests are looked for in the folder given, in the folders of `RIDLEY_MODELS` (separated by `:`), in
  /// `../share/ridley/models` beside the executable's folder, in `models` of the checkout that the executable was built
  /// in, and in `./models`. Pulled files go to `RIDLEY_HOME`, else `$XDG_DATA_HOME/ridley`, else `~/.local/share/ridley`.
  /// `models` is the folder that the user named, which must be there.
  public static func standard(models: String? = nil) throws(Fault) -> Hub {
    if let models, FileSystem.kind(of: models) != .folder {
      throw Fault(.notFound, "there is no folder of models at \(models)")
    }
    return standard(models: models, executable: ProgramStart.file ?? "") { (name) in
      getenv(name).map { String(cString: $0) }
    }
  }

  static func standard(models: String?, executable: String, environment: (String) -> String?) -> Hub {
    func set(_ name: String) -> String? { environment(name).flatMap { $0.isEmpty ? nil : $0 } }
    let place = FileSystem.folder(of: executable)
    var folders = [models].compactMap { $0 }
    folders += set("RIDLEY_MODELS")?.split(separator: ":").map(String.init) ?? []
    folders.append(ProgramStart.share(of: executable) + "/models")
    let build = FileSystem.folder(of: FileSystem.folder(of: place))
    if FileSystem.name(of: build) == ".build" { folders.append("\(FileSystem.folder(of: build))/models") }
    folders.append("models")
    let home = Home.folder(environment: environment)
    return Hub(folders: folders, store: home ?? ".ridley", home: home)
  }

  /// The manifests and the starter model that were installed with this program; `nil` where it was not installed.
  public static var installed: String? {
    let folder = ProgramStart.share() + "/models"
    return FileSystem.kind(of: folder) == .folder ? folder : nil
  }
}
