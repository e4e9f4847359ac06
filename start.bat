@echo off
rem Sets everything up once, then opens the notebooks; with words behind it, in any folder, it is kpi.
chcp 65001 >nul
set "TOOLKIT=%~dp0"
set "TOOLBIN=%~dp0.venv\Scripts"
if exist "%TOOLBIN%\kpi.exe" goto run
where py >nul 2>nul && (py -3 -m venv "%TOOLKIT%.venv") || python -m venv "%TOOLKIT%.venv"
if not exist "%TOOLBIN%\python.exe" goto nopython
"%TOOLBIN%\python" -c "import sys; sys.exit(sys.version_info < (3, 11))" || goto nopython
"%TOOLBIN%\python" -m pip install --require-hashes -r "%TOOLKIT%constraints.txt" || goto failed
"%TOOLBIN%\python" -m pip install --no-deps --no-build-isolation -e "%TOOLKIT%." || goto failed
:run
if "%~1"=="" ("%TOOLBIN%\kpi" --workbook "%TOOLKIT%." start) else ("%TOOLBIN%\kpi" %*)
goto end
:nopython
echo Python 3.11 or newer was not found. Install it from python.org, with "Add python.exe to PATH" ticked, and try again.
goto end
:failed
echo The installation did not finish. Check the network and run this file again.
:end
if not "%~1"=="" exit /b %errorlevel%
pause
