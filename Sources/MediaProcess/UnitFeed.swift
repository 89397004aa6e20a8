internal import Base
internal import Ingest

/// Gives the pictures of a live source as they come, whatever brings them.
protocol UnitFeed: AnyObject {
  /// How its pictures are coded, once one came.
  var format: VideoFormat? { get }
  /// Packets that never came.
  var lostPackets: Int { get }
  /// When a picture was taken by the source's own clock, in seconds since 1970, where that is told.
  func date(of unit: AccessUnit) -> Double?
  /// What the next connection to the source is to know; asked from any thread.
  var memory: @Sendable () -> LiveMemory { get }
  /// Tells the source that nothing more is wanted, without waiting; asked from any thread, once.
  var leave: @Sendable () -> Void { get }
  /// Gives each picture to `body`, until the source ends.
  func run(_ body: (AccessUnit) throws(Fault) -> Void) throws(Fault) -> RTSPReceiver.Ending
}

extension UnitFeed {
  var memory: @Sendable () -> LiveMemory { { LiveMemory() } }
  var leave: @Sendable () -> Void { {} }
}

extension RTSPReceiver: UnitFeed {
  var memory: @Sendable () -> LiveMemory {
    { [parting] in LiveMemory(avoidsParameters: parting.hangsUpAtParameter) }
  }
  var leave: @Sendable () -> Void { { [parting] in parting.leave() } }
}

extension LiveOrder {
  /// What brings the pictures, over a descriptor and through a door that are there already.
  func feed(over descriptor: Int32, _ door: LiveDoor?) throws(Fault) -> any UnitFeed {
    switch kind {
    case .rtsp:
      var settings = RTSPReceiver.Settings(address: address, connection: descriptor)
      if let user { settings.account = (user, password ?? "") }
      (settings.prefersDatagrams, settings.datagrams) = (prefersDatagrams, door)
      settings.avoidsParameters = memory.avoidsParameters
      return RTSPReceiver(settings)
    case .web:
      guard let door else { throw Fault(.bug, "a source that is fetched has no door") }
      return DemuxedFeed(WebInput(address, door, behind: memory.played), behind: memory.played)
    case .packets: return DemuxedFeed(DescriptorInput(descriptor))
    case .rtmp: return DemuxedFeed(RTMPInput(address, over: descriptor))
    case .device: return DeviceFeed(descriptor)
    case .film: throw Fault(.bug, "a film is not received")
    }
  }
}
