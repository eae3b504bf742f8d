package demo

import (
	"archive/zip"
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"path"
	"strings"
	"time"

	"github.com/hearthmail/hearthmail/bridge/message"
)

// attachment makes a file by its name. "cid:NAME" is an image that the HTML shows.
func attachment(name string, sent time.Time) (*message.OutPart, error) {
	name, inline := strings.CutPrefix(name, "cid:")
	part := &message.OutPart{Name: name, Disposition: "attachment"}
	var data []byte
	var err error
	switch path.Ext(name) {
	case ".png":
		part.Type = "image/png"
		data, err = picture(name)
	case ".pdf":
		part.Type = "application/pdf"
		data = pdf(strings.TrimSuffix(name, ".pdf"))
	case ".ics":
		part.Type = "text/calendar"
		data = invitation(strings.TrimSuffix(name, ".ics"), sent)
	case ".vcf":
		part.Type = "text/vcard"
		data = []byte("BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Grace Hopper\r\nEMAIL:grace@demo.test\r\nNOTE:Nanoseconds on request\r\nEND:VCARD\r\n")
	case ".zip":
		part.Type = "application/zip"
		data, err = zipped()
	default:
		part.Type = "text/plain"
		data = []byte("Things to bring\n\n- a level\n- the good drill\n- biscuits\n")
	}
	if inline {
		part.CID, part.Disposition = name, "inline"
	}
	part.Open = octets(data)
	return part, err
}

// picture draws hills in the evening; the name says which evening.
func picture(name string) ([]byte, error) {
	const width, height = 480, 300
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	shift := float64(len(name)) * 1.7
	for y := range height {
		for x := range width {
			t := float64(y) / height
			c := color.RGBA{uint8(250 - 90*t), uint8(150 + 40*t), uint8(90 + 120*t), 255}
			if math.Hypot(float64(x)-330, float64(y)-110) < 34 {
				c = color.RGBA{255, 236, 190, 255}
			}
			for layer := range 3 {
				ridge := 170 + 40*layer + int(22*math.Sin(float64(x)/(70-15*float64(layer))+shift*float64(layer+1)))
				if y > ridge {
					c = color.RGBA{uint8(110 - 30*layer), uint8(80 - 18*layer), uint8(95 - 15*layer), 255}
				}
			}
			img.SetRGBA(x, y, c)
		}
	}
	var out bytes.Buffer
	err := png.Encode(&out, img)
	return out.Bytes(), err
}

// pdf makes a page with one line on it.
func pdf(title string) []byte {
	text := strings.NewReplacer("(", "[", ")", "]", `\`, "/").Replace(title)
	content := "BT /F1 24 Tf 72 720 Td (" + text + ") Tj ET"
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
		fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(content), content),
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
	}
	var out bytes.Buffer
	out.WriteString("%PDF-1.4\n")
	offsets := make([]int, len(objects))
	for i, o := range objects {
		offsets[i] = out.Len()
		fmt.Fprintf(&out, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := out.Len()
	fmt.Fprintf(&out, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, at := range offsets {
		fmt.Fprintf(&out, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(&out, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, start)
	return out.Bytes()
}

func invitation(summary string, sent time.Time) []byte {
	at := sent.Add(5 * 24 * time.Hour).Truncate(time.Hour).UTC()
	const stamp = "20060102T150405Z"
	return []byte("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//demo.test//EN\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:" + at.Format(stamp) + "@demo.test\r\n" +
		"DTSTAMP:" + sent.UTC().Format(stamp) + "\r\nDTSTART:" + at.Format(stamp) + "\r\nDTEND:" + at.Add(2*time.Hour).Format(stamp) + "\r\n" +
		"SUMMARY:" + summary + "\r\nORGANIZER:mailto:grace@demo.test\r\nATTENDEE:mailto:ada@demo.test\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")
}

func zipped() ([]byte, error) {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	f, err := z.Create("read me first.txt")
	if err != nil {
		return nil, err
	}
	if _, err := f.Write([]byte("There is nothing else in here. It seemed polite to say so.\n")); err != nil {
		return nil, err
	}
	err = z.Close()
	return out.Bytes(), err
}
