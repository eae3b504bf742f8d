package browser

// Formats of a time.
const (
	FormatTime    = "time"    // 14:05
	FormatDay     = "day"     // 24 Nov
	FormatDate    = "date"    // 24 Nov 2026
	FormatLong    = "long"    // Tue, 24 Nov 2026, 14:05
	FormatFullDay = "fullday" // Tuesday, 24 November 2026
	FormatWhole   = "whole"   // Tuesday, 24 November 2026 at 14:05

	FormatWeekday   = "weekday"   // Tuesday
	FormatMonth     = "month"     // November
	FormatMonthYear = "monthyear" // November 2026
)
