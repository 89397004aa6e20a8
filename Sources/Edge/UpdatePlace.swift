public import Base
public import Rollouts
public import Updates

/// The server of a node as its updates see it: what it has, what it is to serve, and how that is.
///
/// For one thread that may block, but ``takeTally()``, which must not wait.
public protocol UpdatePlace: Sendable {
  /// An update that fits needs so many bytes beyond those that are left free: what may go for it goes, and it is asked again meanwhile.
  func makeRoom(for byteCount: Int)

  /// The library has these bytes, and keeps them until the update that needs them is placed or left.
  func holds(_ blob: Bundle.Blob) throws(Fault) -> Bool

  /// Where the aliases of a bundle's models point now.
  func aliases(of bundle: Bundle) throws(Fault) -> [UpdateState.AliasPlace]

  /// Puts the models of a bundle into the registry, and has their aliases point to them; done again, it changes nothing.
  ///
  /// `path` is where a blob lies that was fetched.
  func place(_ bundle: Bundle, path: (Bundle.Blob) -> String) throws(Fault)

  /// Has aliases point where they did; done again, it changes nothing.
  func restore(_ aliases: [UpdateState.AliasPlace]) throws(Fault)

  /// The bundle stays: versions of its models that earlier ones brought may go, but for those that aliases point to, or did `before`: the way back.
  func settled(_ bundle: Bundle, before: [UpdateState.AliasPlace])

  /// Other pipelines stand in the folder.
  func reloadPipelines()

  /// How the models and the pipelines of a bundle are now, and those of `pipelines` that it leaves as they were; of streams it says nothing.
  func health(of bundle: Bundle, with pipelines: [String]) -> NodeHealth

  /// What goes well now.
  func baseline() -> NodeBaseline

  /// The pictures of each stream that there is now.
  func pictures() -> [StreamPictures]

  /// What was inferred since it was asked last.
  func takeTally() -> VersionTally

  /// Whether the program that is served by a version is the one that runs; `nil` stands for the installed one.
  func runs(_ program: String?) -> Bool

  /// Ends the server in good order, so that it is started again with another program.
  ///
  /// - Throws: `unavailable` where that was tried a short time ago, and this one was started in its place.
  func startAgain() throws(Fault)
}
