import Analysis
import Base
import Isolation
import Media

/// Where a pipeline's rendition of a film is kept as long as the film is analysed; it goes with this object.
final class RenditionFile {
  let path: String
  private let settings: RenditionSettings
  private let folder: ScratchFolder

  /// `nil` where none is asked for.
  init?(_ settings: RenditionSettings?) throws(Fault) {
    guard let settings else { return nil }
    self.settings = settings
    folder = try ScratchFolder()
    path = "\(folder.path)/rendition.mp4"
  }

  /// Makes it; `nil` where the film is taken as it is.
  func make(of film: String, _ shown: String, _ bar: ProgressBar) throws(Fault) -> StandIn? {
    do throws(Fault) {
      defer { bar.clear() }
      return try StandIn.make(of: film, at: path, settings) { (time) throws(Fault) in
        SharedFlags.beat()
        guard !Interrupt.isAsked else { throw Fault(.closed, "stopped before there was anything to look at") }
        bar.show(share: nil, detail: "a rendition of \(settings.text), \(NumberFormat.clock(time))")
      }
    } catch { throw error.at(shown) }
  }
}
