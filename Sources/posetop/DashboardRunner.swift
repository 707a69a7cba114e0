import RunFiles
import TrainingAPI

/// Opens the dashboard; without one, the lines of the headless printer.
func runDashboard(
  connection: any RunConnection, runFolder: String, theme: String?, themesFolder: String?,
  readOnly: Bool
) -> Int32 {
  HeadlessViewer(connection, RunFolder(runFolder), asJSON: false, isReadOnly: readOnly)
    .run().rawValue
}
