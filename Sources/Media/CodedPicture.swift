/// What a packet says of its picture before it is decoded.
struct CodedPicture: Hashable {
  /// Decoding may begin here: this picture and all that are shown after it come out as they do in the whole stream.
  var isEntry = false
  /// The decoder may take it for a beginning, though not for an entry: what it shows from here on only decoding tells.
  var mayBegin = false
  /// The decoder will call it a key frame.
  var isKey = false
  /// Places in the order of presentation are counted anew from here.
  var startsSequence = false
  /// Its place in the order of presentation, within its sequence.
  var order = 0
  /// No other picture is made from it.
  var isDroppable = false
  /// It makes a frame; others only serve as a source for later ones.
  var isShown = true
  /// Made from pictures before an entry: a decoder that begins at the entry cannot show it.
  var leansBack = false
}

/// A packet without its bytes.
struct PacketFacts {
  /// Its number in the stream, in order of decoding.
  var ordinal: Int
  var pts: Int?
  var dts: Int?
  /// In the time base; 0 is unknown.
  var duration: Int
  var byteCount: Int
  /// Decoded but not shown: it stands outside the edit list.
  var isOutside: Bool
  /// The container calls it a key frame.
  var isKey: Bool
  /// The demuxer says that it is damaged, or it changes the decoder's set-up.
  var isOdd: Bool
  /// `nil` where the bytes are not understood.
  var coded: CodedPicture?
}
