@echo off
rem Sets everything up once, then opens the notebooks; with words behind it, runs kpi with them.
chcp 65001 >nul
cd /d "%~dp0"
if exist .venv\Scripts\kpi.exe goto run
where py >nul 2>nul && (py -3 -m venv .venv) || python -m venv .venv
if not exist .venv\Scripts\python.exe goto nopython
.venv\Scripts\python -m pip install --require-hashes -r constraints.txt || goto failed
.venv\Scripts\python -m pip install --no-deps --no-build-isolation -e . || goto failed
:run
if "%~1"=="" (.venv\Scripts\kpi start) else (.venv\Scripts\kpi %*)
goto end
:nopython
echo Python 3.11 or newer was not found. Install it from python.org, with "Add python.exe to PATH" ticked, and try again.
goto end
:failed
echo The installation did not finish. Check the network and run this file again.
:end
if not "%~1"=="" exit /b %errorlevel%
pause
