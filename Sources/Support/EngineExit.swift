/// With which codes an engine ends that could not go on in its process.
public enum EngineExit {
  /// Its device or what it depends on failed; another engine may do better.
  public static let failure: Int32 = 70
  /// A device had no memory left in the middle of a run: another engine goes on with half the batch.
  public static let outOfMemory: Int32 = 71
}
